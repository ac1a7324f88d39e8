from collections import Counter

import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.supervoxels import edge_keys as edge_keys_module
from napari_hypseg.supervoxels.adjacency import contact_areas
from napari_hypseg.supervoxels.graph_merging import merge_graph
from napari_hypseg.volumes.box import Box

ALL = (True, True, True)
N = 16


def voxels(n=N, axes=ALL):
    """A grid in which every voxel is a region: edges and contact areas."""
    whole = Box.whole((n, n, n))
    keys, areas = contact_areas((np.arange(n**3) + 1).reshape(n, n, n).astype(np.uint32), axes, whole, whole)
    return np.stack(edge_keys_module.edge_ends(keys), axis=1) - 1, areas


def row(n, areas=1):
    """Regions in a row, each touching the next."""
    return np.stack([np.arange(n - 1), np.arange(1, n)], axis=1), np.full(n - 1, areas)


def merged(features, edges, areas, target, sizes=None):
    features = np.asarray(features, dtype=np.float32).reshape(len(features), -1)
    sizes = np.ones(len(features), dtype=np.int64) if sizes is None else np.asarray(sizes)
    return quietly(merge_graph(features, sizes, edges, areas, target))


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("target", [1, 2, 7, 100, N**3 - 1, N**3, 10**6])
def test_as_many_are_left_as_wanted(target):
    numbers = merged(noise(N**3, 3), *voxels(), target)
    assert numbers.dtype == np.int64
    assert np.array_equal(np.unique(numbers), np.arange(min(target, N**3)))


def test_regions_are_connected_and_numbered_by_their_first_part():
    numbers = merged(noise(N**3, 3), *voxels(), 40)
    assert np.array_equal(np.sort(np.unique(numbers, return_index=True)[1]), np.unique(numbers, return_index=True)[1])
    volume = numbers.reshape(N, N, N)
    assert all(ndimage.label(volume == region)[1] == 1 for region in range(40))


def test_a_small_bright_ball_stays_while_noise_becomes_one():
    z, y, x = np.indices((N, N, N))
    ball = (z - 8) ** 2 + (y - 7) ** 2 + (x - 9) ** 2 < 3**2
    numbers = merged((8 * ball + noise(N, N, N)).ravel(), *voxels(), 12).reshape(N, N, N)
    inside = set(numbers[ball].tolist())
    assert not inside & set(numbers[~ball].tolist())
    assert np.bincount(numbers.ravel()).max() > 0.5 * N**3


def test_the_cheapest_merge_first():
    edges, areas = row(4)
    assert merged([0.0, 1.0, 1.1, 3.0], edges, areas, 3).tolist() == [0, 1, 1, 2]
    assert merged([0.0, 1.0, 1.1, 3.0], edges, areas, 2).tolist() == [0, 0, 0, 1]


def test_small_regions_and_large_contact_areas_are_cheap():
    edges, areas = row(4)
    assert merged([0, 1, 2, 3], edges, areas, 3, sizes=[9, 9, 9, 1]).tolist() == [0, 1, 2, 2]
    assert merged([0, 1, 2, 3], edges, np.array([1, 3, 1]), 3).tolist() == [0, 1, 1, 2]


def test_a_merged_region_touches_with_all_its_faces_and_weighs_its_parts():
    # 0 and 1 merge first. Together they touch 2 by four faces, which makes merging with it cheaper than 2 with 3;
    # large as they are, dearer.
    edges, areas = np.array([[0, 1], [0, 2], [1, 2], [2, 3]]), np.array([9, 2, 2, 1])
    features = [0.0, 0.0, 1.0, 1.8]
    assert merged(features, edges, areas, 2).tolist() == [0, 0, 0, 1]
    assert merged(features, edges, areas, 2, sizes=[9, 9, 9, 1]).tolist() == [0, 0, 1, 1]


def test_the_order_of_pairs_and_of_their_ends_does_not_matter(monkeypatch):
    features, (edges, areas) = np.round(noise(N**3, 2)), voxels()
    expected = merged(features, edges, areas, 50)
    random = np.random.default_rng(1)
    order = random.permutation(len(edges))
    turned = np.where(random.random((len(edges), 1)) < 0.5, edges, edges[:, ::-1])
    assert np.array_equal(merged(features, turned[order], areas[order], 50), expected)
    monkeypatch.setattr(edge_keys_module, "KEYS_AT_ONCE", 1000)
    assert np.array_equal(merged(features, edges, areas, 50), expected)


def test_a_parallel_edge_adds_its_contact_area():
    edges, areas = row(4)
    doubled = np.concatenate([edges, edges[:1], [[2, 2]]]), np.concatenate([areas, [4, 9]])
    assert merged([0, 1, 2, 3], *doubled, 3).tolist() == [0, 0, 1, 2]


def test_what_does_not_touch_stays_apart():
    numbers = merged(np.zeros(N**3), *voxels(axes=(False, True, True)), 3)
    assert np.array_equal(numbers, np.arange(N**3) // N**2)
    assert merged([1.0, 1.0, 1.0], np.zeros((0, 2), np.int64), np.zeros(0, np.int64), 1).tolist() == [0, 1, 2]
    none = quietly(merge_graph(np.zeros((0, 3), np.float32), np.zeros(0, np.int64), *row(1), 1))
    assert none.shape == (0,)


def rounds(features, edges, areas, target, sizes=None):
    """How many times the job says that merges were made."""
    features = np.asarray(features, dtype=np.float32).reshape(len(features), -1)
    sizes = np.ones(len(features), dtype=np.int64) if sizes is None else sizes
    events = []
    numbers = drive(merge_graph(features, sizes, edges, areas, target), events.append)
    assert all(isinstance(event, Progress) and event.stage == "merge" for event in events)
    return len(Counter(event.step for event in events)), numbers


@pytest.mark.parametrize("make", [lambda: row(20_000), voxels])
def test_equal_costs_merge_in_few_rounds(make):
    edges, areas = make()
    n = int(edges.max()) + 1
    count, numbers = rounds(np.zeros(n), edges, areas, 10)
    assert count < 60
    assert numbers.max() == 9


def test_many_small_regions_around_a_large_one_merge_in_few_rounds():
    n = 20_000
    edges = np.stack([np.zeros(n, np.int64), np.arange(1, n + 1)], axis=1)
    sizes = np.array([10**7] + [1] * n)
    count, numbers = rounds(noise(n + 1), edges, np.ones(n, np.int64), 10, sizes)
    assert count < 60
    assert numbers.max() == 9


def test_what_was_given_is_left_as_it_is():
    features, (edges, areas) = noise(N**3, 2).astype(np.float32), voxels()
    copies = features.copy(), edges.copy(), areas.copy()
    merged(features, edges, areas, 50)
    assert all(np.array_equal(a, b) for a, b in zip((features, edges, areas), copies, strict=True))
