"""The tiled watershed has no seams, and basins keep their numbers."""

from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels import tiled_watershed as watershed_module
from napari_hypseg.supervoxels.tiled_watershed import BasinNumbering, tiled_watershed
from napari_hypseg.supervoxels.watershed import connected_axes
from napari_hypseg.volumes import Specimen
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
