"""What leaves are surrounded by, against looking at every voxel in turn."""

import tracemalloc

import numpy as np
import pytest
import torch

from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.context import co_occurrence as module
from napari_hypseg.hierarchy.context.co_occurrence import DISTANCES, co_occurrence
from napari_hypseg.hierarchy.context.context_vocabulary import MAX_WORDS, context_vocabulary, smooth_contexts
from napari_hypseg.inference.grey_source import GreySource
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.intensity import Intensity

CUBE = (10.0, 10.0, 10.0)


def volume(shape=(19, 21, 40), n_leaves=6, seed=0):
    return np.random.default_rng(seed).integers(0, n_leaves + 1, shape).astype(np.uint16)


def sources(*voxel_sizes):
    """Specimens of voxels of some sizes; their grey values are not looked at."""
    volumes = [Volume((np.zeros((1, 1, 1)),), voxel_size=size) for size in voxel_sizes]
    return MemoryFallback([GreySource(Specimen(volume), Intensity(np.zeros(1), np.ones(1))) for volume in volumes])


def in_context(ids, n_leaves=6, voxel_size=CUBE, words=None):
    words = np.arange(n_leaves) if words is None else words
    return quietly(co_occurrence(sources(voxel_size), [ids], words, int(words.max()) + 1, n_leaves))


def looked_up(ids, n_leaves, steps_by_reach):
    """The rows by walking from voxel to voxel; steps (z, y, x) one way only."""
    parts = []
    for steps in steps_by_reach:
        counts = np.zeros((n_leaves + 1, n_leaves + 1))
        for place in np.ndindex(ids.shape):
            for step in steps:
                for there in (np.add(place, step), np.subtract(place, step)):
                    if (there >= 0).all() and (there < ids.shape).all():
                        counts[ids[place], ids[tuple(there)]] += 1
        counts = counts[1:, 1:]
        parts.append(counts / counts.sum(axis=1, keepdims=True))
    return np.concatenate(parts, axis=1) / len(parts)


def test_contexts_are_those_of_looking_from_every_voxel():
    ids = volume((9, 11, 20), 3)
    steps = [[(d, 0, 0), (0, d, 0), (0, 0, d)] for d in DISTANCES]
    np.testing.assert_allclose(in_context(ids, 3), looked_up(ids, 3, steps), atol=1e-12)


@pytest.mark.parametrize("words", [np.arange(6), np.array([0, 1, 1, 0, 2, 2])])
def test_many_leaves_are_counted_as_few_are(monkeypatch, words):
    few = in_context(volume(), words=words)
    monkeypatch.setattr(module, "PAIRS_HELD", 1)
    np.testing.assert_array_equal(in_context(volume(), words=words), few)


def test_an_axis_is_skipped_where_its_voxels_are_longer_than_the_step():
    ids = volume((9, 11, 20), 3)
    steps = [[(0, 2, 0), (0, 0, 4)], [(1, 0, 0), (0, 4, 0), (0, 0, 8)], [(2, 0, 0), (0, 8, 0), (0, 0, 16)]]
    found = in_context(ids, 3, (80.0, 20.0, 10.0))
    np.testing.assert_allclose(found, looked_up(ids, 3, steps), atol=1e-12)


@pytest.mark.parametrize("voxel_size", [CUBE, (50.0, 4.0, 4.0)])
@pytest.mark.parametrize("block", [5, 16, 33])
def test_streaming_changes_nothing(monkeypatch, block, voxel_size):
    ids = volume()
    whole = in_context(ids, voxel_size=voxel_size)
    monkeypatch.setattr(module, "BLOCK", block)
    np.testing.assert_array_equal(in_context(ids, voxel_size=voxel_size), whole)


def test_rows_sum_to_one_also_where_nothing_is_found():
    ids = volume()
    ids[ids == 4] = 0
    rows = in_context(ids)
    assert rows.shape == (6, 3 * 6)
    np.testing.assert_allclose(rows.sum(axis=1), 1)
    np.testing.assert_allclose(rows[3], 1 / 18)
    assert (rows[:3, [3, 9, 15]] == 0).all()


def test_a_volume_too_small_to_step_in_tells_nothing():
    np.testing.assert_allclose(in_context(volume((3, 3, 3))), 1 / 18)


def test_words_are_leaves_taken_together():
    ids = volume()
    words = np.array([0, 1, 1, 0, 2, 2])
    by_leaf, by_word = in_context(ids), in_context(ids, words=words)
    merged = np.zeros((6, 3, 3))
    for leaf, word in enumerate(words):
        merged[:, :, word] += by_leaf.reshape(6, 3, 6)[:, :, leaf]
    np.testing.assert_allclose(by_word, merged.reshape(6, 9))


def test_specimens_count_by_their_voxels():
    first, second = volume((20, 20, 20)), volume((20, 20, 30), seed=1)
    words = np.arange(6)
    both = quietly(co_occurrence(sources(CUBE, CUBE), [first, second], words, 6, 6))
    swapped = quietly(co_occurrence(sources(CUBE, CUBE), [second, first], words, 6, 6))
    twice = quietly(co_occurrence(sources(CUBE, (1.0, 1.0, 1.0)), [first, first], words, 6, 6))
    np.testing.assert_array_equal(both, swapped)
    np.testing.assert_allclose(twice, in_context(first))
    assert np.abs(both - in_context(first)).max() > 0


def test_the_job_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 16)
    events = []
    drive(co_occurrence(sources(CUBE, CUBE), [volume(), volume()], np.arange(6), 6, 6), events.append)
    assert all(isinstance(event, Progress) and event.stage == "context" and event.total == 2 for event in events)
    shares = [event.step for event in events]
    assert shares == sorted(shares)
    assert len(set(shares)) > 10


def test_memory_does_not_grow_with_the_volume(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 16)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)  # as many blocks are held as there are threads, and one

    def peak(depth):
        ids = volume((depth, 16, 16))
        tracemalloc.start()
        in_context(ids)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(512) < 1.5 * peak(64)


def test_few_leaves_are_their_own_words_and_many_share_them():
    rng = np.random.default_rng(0)
    few = rng.normal(size=(MAX_WORDS, 2)).astype(np.float32)
    assert quietly(context_vocabulary(few, np.ones(len(few), np.int64), EUCLIDEAN)).tolist() == list(range(MAX_WORDS))
    many = np.repeat(few, 2, axis=0)
    words = quietly(context_vocabulary(many, np.ones(len(many), np.int64), EUCLIDEAN))
    assert sorted(set(words.tolist())) == list(range(MAX_WORDS))
    assert (words[::2] == words[1::2]).all()
    assert len(set(quietly(context_vocabulary(few, np.ones(len(few), np.int64), EUCLIDEAN, 5)).tolist())) == 5


def test_words_that_look_alike_count_as_nearly_the_same():
    points = np.array([[0.0], [0.01], [3.0], [5.0]], dtype=np.float32)
    contexts = np.kron(np.full((1, 3), 1 / 3), np.eye(4))
    near, same, other, _ = smooth_contexts(contexts, points, np.ones(4, np.int64), np.arange(4), EUCLIDEAN)
    np.testing.assert_allclose(near, same, atol=0.01)
    assert np.abs(near - other).sum() > 1.9
    np.testing.assert_allclose([near.sum(), other.sum()], 1)


def test_a_word_of_several_leaves_lies_at_their_mean():
    points = np.array([[0.0], [2.0], [1.5], [9.0]], dtype=np.float32)
    words, sizes = np.array([0, 0, 1, 2]), np.array([1, 3, 5, 5])
    contexts = np.kron(np.full((1, 3), 1 / 3), np.eye(3))
    taken_together = smooth_contexts(contexts, points, sizes, words, EUCLIDEAN)
    np.testing.assert_allclose(taken_together[0], taken_together[1], atol=1e-6)
