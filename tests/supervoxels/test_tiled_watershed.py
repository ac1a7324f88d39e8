"""The tiled watershed has no seams, and basins keep their numbers."""

from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels import tiled_watershed as watershed_module
from napari_hypseg.supervoxels.tiled_watershed import BasinNumbering, tiled_watershed
from napari_hypseg.supervoxels.watershed import connected_axes
from napari_hypseg.volumes import Box, Specimen
from tests.precomputed_specimens import encoders_of, workspace_of


def watershed_of(monkeypatch, edge, specimen):
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": edge})
    space = workspace_of(specimen)
    return quietly(tiled_watershed(MemoryFallback(encoders_of(specimen)), space))[0], space


def disagreeing(first, second):
    """Share of the voxels that are not in the region of one that most of a region of the other is in."""
    pairs, counts = np.unique(np.stack([first.ravel(), second.ravel()]), axis=1, return_counts=True)
    most = np.zeros(int(first.max()) + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return 1 - most.sum() / first.size


def test_basins_keep_their_numbers():
    numbering = BasinNumbering()
    np.testing.assert_array_equal(numbering.of(np.array([7, 30])), [1, 2])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 40])), [3, 1, 4])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 30, 40])), [3, 1, 2, 4])
    assert len(numbering) == 4


def test_minima_that_no_later_tile_meets_are_forgotten():
    numbering, shape = BasinNumbering(), (200, 200, 200)
    minima = np.ravel_multi_index(([10, 90, 10], [10, 10, 90], [5, 5, 5]), shape)
    numbering.of(np.sort(minima))
    numbering.forget_before(Box((0, 96, 0), (96, 192, 96)), shape)
    assert len(numbering._minima) == 2
    np.testing.assert_array_equal(numbering.of(np.sort(minima[1:])), [2, 3])
    numbering.forget_before(Box((96, 0, 0), (192, 96, 96)), shape)
    np.testing.assert_array_equal(numbering.of(minima[1:2]), [3])
    assert len(numbering) == 3


def test_tiles_in_the_log_are_not_computed_again(wide, monkeypatch, tmp_path):
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": 48})
    specimen = Specimen(wide)
    space = replace(workspace_of(specimen), folder=tmp_path)
    fallback = MemoryFallback(encoders_of(specimen))
    job = tiled_watershed(fallback, space)
    for event in job:
        if event.step == 7:
            break
    job.close()
    before, ids = len(space.log("tiles-0")), space.basins[0].copy()
    assert before >= 6
    calls = []
    original = watershed_module._tile_basins
    monkeypatch.setattr(watershed_module, "_tile_basins", lambda *given: calls.append(given) or original(*given))
    resumed = quietly(tiled_watershed(fallback, space))[0]
    assert len(calls) == len(resumed.tiles) - before
    np.testing.assert_array_equal(space.basins[0][ids > 0], ids[ids > 0])
    whole = workspace_of(specimen)
    assert quietly(tiled_watershed(fallback, whole))[0] == resumed
    np.testing.assert_array_equal(whole.basins[0], space.basins[0])


@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.0)])
def test_tiles_leave_no_seams(wide, monkeypatch, voxel_size):
    specimen = Specimen(replace(wide, voxel_size=voxel_size))
    (one, whole), (many, tiled) = (watershed_of(monkeypatch, edge, specimen) for edge in (480, 48))
    assert (len(one.tiles), len(many.tiles)) == (1, 2 * 3 * 3)
    np.testing.assert_array_equal(whole.edges[0], tiled.edges[0])
    for first, second in ((whole, tiled), (tiled, whole)):
        assert disagreeing(first.basins[0], second.basins[0]) < 1e-3
    if not connected_axes(voxel_size)[0]:
        assert not set(np.unique(tiled.basins[0][20])) & set(np.unique(tiled.basins[0][21]))
