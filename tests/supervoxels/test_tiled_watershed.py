"""The tiled watershed has no seams, and no basin is left without a sample."""

from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels import tiled_watershed as watershed_module
from napari_hypseg.supervoxels.tile_basins import tile_basins
from napari_hypseg.supervoxels.tiled_watershed import tiled_watershed
from napari_hypseg.supervoxels.watershed import connected_axes
from napari_hypseg.supervoxels.workspace import workspace_in_memory
from napari_hypseg.volumes import Box, Specimen
from napari_hypseg.volumes.lattice import EVERY_VOXEL, Lattice
from tests.precomputed_specimens import encoders_of, workspace_of


def watershed_of(monkeypatch, edge, specimen, lattice=EVERY_VOXEL):
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": edge})
    encoders = encoders_of(specimen, lattice=lattice)
    space = workspace_in_memory(encoders)
    return quietly(tiled_watershed(MemoryFallback(encoders), space))[0], space


def disagreeing(first, second):
    """Share of the voxels that are not in the region of one that most of a region of the other is in."""
    pairs, counts = np.unique(np.stack([first.ravel(), second.ravel()]), axis=1, return_counts=True)
    most = np.zeros(int(first.max()) + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return 1 - most.sum() / first.size


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
    original = watershed_module.tile_basins
    monkeypatch.setattr(watershed_module, "tile_basins", lambda *given: calls.append(given) or original(*given))
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


@pytest.mark.parametrize("box", [None, Box((3, 5, 1), (58, 107, 100))])
@pytest.mark.parametrize("step", [(2, 2, 2), (1, 2, 2)])
def test_every_basin_has_a_sample(wide, monkeypatch, step, box):
    specimen, lattice = Specimen(wide, box=box), Lattice(step)
    (dense, whole), (sparse, sampled) = (
        watershed_of(monkeypatch, 48, specimen, lattice) for lattice in (EVERY_VOXEL, lattice)
    )
    if box is None:
        np.testing.assert_array_equal(whole.basins[0], sampled.basins[0])
    assert ((whole.basins[0] > 0) == (sampled.basins[0] > 0)).all()
    assert disagreeing(whole.basins[0], sampled.basins[0]) < 0.02, "slivers at the faces of the box"
    assert set(np.unique(sampled.cells[0])) - {0} == set(range(1, sparse.count + 1))
    every = sampled.basins[0][tuple(slice(None, None, n) for n in step)]
    assert (sampled.cells[0] == every)[every > 0].mean() > 0.9
    edges = whole.edges[0][tuple(slice(None, None, n) for n in step)]
    np.testing.assert_array_equal(sampled.edges[0][every > 0], edges[every > 0])
    assert dense.median_edge == sparse.median_edge


def test_a_sample_of_the_edges_does_not_hold_all_of_the_tile(wide):
    (source,) = encoders_of(Specimen(wide))
    tile = tile_basins(source, Box((0, 0, 0), (48, 48, 48)), 1.0)
    assert tile.strengths.base is None
