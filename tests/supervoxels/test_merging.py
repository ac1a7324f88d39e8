"""Supervoxels are merged tile by tile where there are too many, and know their contact areas."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import quietly
from napari_hypseg.jobs.worker_pool import at_most_cores
from napari_hypseg.supervoxels import merging as merging_module
from napari_hypseg.supervoxels import tile_groups as groups_module
from napari_hypseg.supervoxels import tiled_watershed as watershed_module
from napari_hypseg.supervoxels.merging import merge_supervoxels
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom
from tests.precomputed_specimens import basin_features, encoders_of, features_of


@dataclass(frozen=True)
class Held:
    regions_held: int
    bytes: int = 10**9


class Counted:
    """An array that counts the voxels that are read."""

    def __init__(self, array):
        self.array, self.voxels = array, 0

    def __getitem__(self, index):
        self.voxels += self.array[index].size
        return self.array[index]


def held(space, regions):
    return replace(space, memory=Held(regions))


def test_many_basins_are_merged_within_tiles_first(wide, monkeypatch):
    specimens = Specimen(wide), Specimen(phantom((50, 40, 50), seed=4).volume)
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": 48})
    found, space, sums = features_of(*specimens)
    fallback = MemoryFallback(encoders_of(*specimens))
    regions = basin_features(sums, specimens, found)
    target = sums.voxels() // merging_module.VOXELS
    _, whole = quietly(merge_supervoxels(sums, fallback, space, found, 8))
    monkeypatch.setattr(groups_module, "GROUP", 3 * target)
    assert all(len(list(groups_module.tile_groups(one))) > 1 for one in found[:1])
    features, parts = quietly(merge_supervoxels(sums, fallback, held(space, 3 * target), found, 8))
    together, pieces = (merged.numbers.rows(0, len(regions)) for merged in (whole, parts))
    np.testing.assert_array_equal(features.sizes, np.bincount(pieces, regions.sizes))
    for numbers in (together, pieces):
        assert len(np.unique(numbers)) == numbers.max() + 1 == target
        assert not set(numbers[: found[0].count]) & set(numbers[found[0].count :])
    between = [
        (np.bincount(numbers, regions.sizes) * regions.merged(numbers).mean_tangents()[:, 0] ** 2).sum()
        for numbers in (together, pieces)
    ]
    assert between[1] == pytest.approx(between[0], rel=0.05), "as much is told apart"


def test_groups_that_are_merged_side_by_side_give_what_one_after_the_other_gives(wide, monkeypatch):
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": 48})
    monkeypatch.setattr(groups_module, "GROUP", 100)
    found, space, sums = features_of(Specimen(wide))
    fallback = MemoryFallback(encoders_of(Specimen(wide)))
    ran = []
    for cores in (1, 4):
        with at_most_cores(cores):
            ran.append(quietly(merge_supervoxels(sums, fallback, held(space, 300), found, 8)))
    (alone, one), (beside, other) = ran
    assert len(list(groups_module.tile_groups(found[0]))) > 4
    np.testing.assert_array_equal(alone.sums, beside.sums)
    np.testing.assert_array_equal(one.numbers.rows(0, found[0].count), other.numbers.rows(0, found[0].count))
    np.testing.assert_array_equal(one.edges, other.edges)
    np.testing.assert_array_equal(one.areas, other.areas)


def test_faces_are_counted_once_also_where_groups_are_merged_first(wide, monkeypatch):
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": 48})
    monkeypatch.setattr(groups_module, "GROUP", 100)
    found, space, sums = features_of(Specimen(wide))
    read = Counted(space.basins[0])
    counting = replace(held(space, 300), basins=[read])
    quietly(merge_supervoxels(sums, MemoryFallback(encoders_of(Specimen(wide))), counting, found, 8))
    assert wide.box.size <= read.voxels < 1.2 * wide.box.size


def test_edges_and_contact_areas_of_merged_supervoxels(wide):
    specimen = Specimen(wide)
    found, space, sums = features_of(specimen)
    fallback = MemoryFallback(encoders_of(specimen))
    _, joined = quietly(merge_supervoxels(sums, fallback, space, found, 8))
    ids = np.concatenate([[-1], joined.numbers.rows(0, found[0].count)])[space.basins[0]]
    faces = [(ids.swapaxes(0, axis)[:-1].ravel(), ids.swapaxes(0, axis)[1:].ravel()) for axis in range(3)]
    ends = np.sort(np.concatenate([np.stack(both) for both in faces], axis=1), axis=0)
    pairs, contacts = np.unique(ends[:, ends[0] != ends[1]], axis=1, return_counts=True)
    np.testing.assert_array_equal(joined.edges.T, pairs)
    np.testing.assert_array_equal(joined.areas, contacts)


def test_few_regions_held_are_few_supervoxels(wide):
    specimen = Specimen(wide)
    found, space, sums = features_of(specimen)
    fallback = MemoryFallback(encoders_of(specimen))
    features, _ = quietly(merge_supervoxels(sums, fallback, held(space, 300), found, 8))
    assert len(features) == 150
    features, merged = quietly(merge_supervoxels(sums, fallback, held(space, 80), found, 200))
    assert len(features) == len(merged.specimens) <= 80 + 10


def test_finer_supervoxels_where_they_are_asked_for(wide):
    specimen = Specimen(wide)
    found, space, sums = features_of(specimen)
    fallback = MemoryFallback(encoders_of(specimen))
    features, _ = quietly(merge_supervoxels(sums, fallback, space, found, 8, voxels=300))
    assert len(features) == sums.voxels() // 300


def test_supervoxels_are_smaller_where_specimens_share_many_leaves(wide):
    specimen = Specimen(wide)
    found, space, sums = features_of(specimen)
    fallback = MemoryFallback(encoders_of(specimen))
    total = sums.voxels()
    for wanted, count in ((8, 240), (10_000, total // 250)):
        features, _ = quietly(merge_supervoxels(sums, fallback, space, found, wanted, voxels=2000, shared=True))
        assert len(features) == max(total // 2000, min(256, wanted), min(count, total // 250))
