"""How well a specimen is seen: the numbers, the truth they are compared with, and what guessing reaches."""

from itertools import permutations, product

import numpy as np
import pytest

from benchmarks.ct_phantom.phantom import ct_phantom
from benchmarks.locate.box_scores import bounding_box
from benchmarks.locate.coarse_scenes import Scene, make_scenes, scene_of
from benchmarks.locate.localizer_auc import LocalizerAuc, auc, chance, localizer_auc, structure_auc
from benchmarks.locate.tap_metrics import tap_metrics
from napari_hypseg.jobs import Command, Progress, quietly
from napari_hypseg.methods.localizers.base import Evidence
from napari_hypseg.methods.localizers.slice_settings import RotationSettings, SortingSettings
from napari_hypseg.volumes import Box


@pytest.fixture(scope="module")
def made():
    return ct_phantom((48, 52, 56), 1)


@pytest.fixture(scope="module")
def scene(made) -> Scene:
    return scene_of(made)


class Knowing:
    """Sees what is true, or its opposite."""

    def __init__(self, scene, sign=1.0):
        self.scene, self.sign = scene, sign

    def propose(self, volume):
        for right in (0.2, 0.4):
            yield Progress("find", 1, 2, {"accuracy": right, "other": 7.0})
        yield Progress("draw", 1)
        z, y, x = (self.sign * one.astype(np.float32) for one in self.scene.slices)
        return Evidence(self.sign * self.scene.cells.astype(np.float32), (z, y, x))


def test_auc_is_how_often_what_belongs_is_higher():
    draw = np.random.default_rng(0)
    numbers, belongs = draw.integers(0, 5, (6, 7)).astype(np.float32), draw.random((6, 7)) < 0.4
    pairs = list(product(numbers[belongs], numbers[~belongs]))
    assert auc(numbers, belongs) == pytest.approx(np.mean([(a > b) + 0.5 * (a == b) for a, b in pairs]))
    assert auc(belongs.astype(np.float32), belongs) == 1
    assert auc(np.zeros((6, 7), np.float32), belongs) == 0.5


@pytest.mark.parametrize("all_of_it", [True, False])
def test_without_two_sides_nothing_is_told_apart(all_of_it):
    assert auc(np.arange(4.0), np.full(4, all_of_it)) is None


def test_the_truth_lies_on_the_grids_of_what_is_seen(made, scene):
    assert scene.copy.grid == made.volume.shape
    assert scene.cells.shape == tuple(n // 2 for n in made.volume.shape)
    assert tuple(map(len, scene.slices)) == made.volume.shape
    ends = [np.flatnonzero(held)[[0, -1]] for held in scene.slices]
    assert Box(tuple(int(a) for a, _ in ends), tuple(int(b) + 1 for _, b in ends)) == made.box
    coarse = bounding_box(scene.cells)
    for axis in range(3):
        assert abs(2 * coarse.start[axis] - made.box.start[axis]) <= 4
        assert abs(2 * coarse.stop[axis] - made.box.stop[axis]) <= 4
    assert 8 * np.count_nonzero(scene.cells) == pytest.approx(np.count_nonzero(made.mask), rel=0.05)


def test_scans_differ_by_their_seeds():
    one, other = quietly(make_scenes(48, 7, 2))
    assert one.copy.grid == (48, 48, 48)
    assert not np.array_equal(one.cells, other.cells)


@pytest.mark.parametrize(("sign", "reached"), [(1.0, 1.0), (-1.0, 0.0)])
def test_what_is_seen_is_scored_and_what_is_told_is_kept(scene, sign, reached):
    found = quietly(localizer_auc(Knowing(scene, sign), "rotation", RotationSettings(angles=8), [scene, scene]))
    assert found == LocalizerAuc(pytest.approx(0.3), 1 / 8, reached, reached)


def test_structure_is_a_map_and_nothing_else(scene):
    found = quietly(structure_auc([scene]))
    assert (found.control, found.chance, found.profile_auc) == (None, None, None)
    assert 0.5 < found.map_auc <= 1


@pytest.mark.parametrize(("span", "slices", "ranked"), [(1.0, 5, 5), (0.25, 24, 6), (0.01, 24, 2)])
def test_chance_is_the_mean_over_all_orders(scene, span, slices, ranked):
    orders = np.array(list(permutations(range(ranked))))
    expected = np.abs(orders - np.arange(ranked)).mean()
    assert chance("sorting", SortingSettings(span=span, slices=slices), scene) == pytest.approx(expected)


def test_overhearing_changes_nothing():
    told, closed = [], []

    def job():
        try:
            answer = yield Progress("learn", 1, 2, {"loss": 1.0})
            yield answer
            return "done"
        finally:
            closed.append(True)

    heard = tap_metrics(job(), told.append)
    assert next(heard) == Progress("learn", 1, 2, {"loss": 1.0})
    assert heard.send(Command.STOP) is Command.STOP
    with pytest.raises(StopIteration) as finished:
        next(heard)
    assert finished.value.value == "done"
    assert told == [{"loss": 1.0}]
    left = tap_metrics(job(), told.append)
    next(left)
    left.close()
    assert closed == [True, True]
