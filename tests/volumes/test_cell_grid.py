import numpy as np
import pytest

from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.cell_grid import CellGrid, cell_grids


def specimen(shape, voxel_size=(1.0, 1.0, 1.0), box=None):
    return Specimen(Volume((np.broadcast_to(np.float32(0), shape),), voxel_size), None, box)


def test_cells_are_the_finest_that_are_few_enough():
    for most, factors in ((64**3, (1, 1, 1)), (64**3 - 1, (2, 2, 2)), (32**3 - 1, (3, 3, 3))):
        assert cell_grids([specimen((64, 64, 64))], most)[0].factors == factors


def test_cells_are_as_cubic_as_voxels_allow():
    thick = specimen((20, 100, 100), (50.0, 5.0, 5.0))
    assert cell_grids([thick], 20 * 50 * 50)[0].factors == (1, 2, 2)
    assert cell_grids([thick], 20)[0].factors == (5, 50, 50)


def test_specimens_share_the_size_of_their_cells():
    grids = cell_grids([specimen((64, 64, 64)), specimen((8, 8, 8))], 32**3 + 4**3)
    assert [grid.factors for grid in grids] == [(2, 2, 2), (2, 2, 2)]


def test_a_flat_volume_keeps_one_cell_across():
    assert cell_grids([specimen((1, 1, 4000))], 10)[0].factors == (1, 1, 400)
    assert cell_grids([specimen((1, 1, 3))], 0)[0].shape == (1, 1, 1)


def test_cells_cover_the_region_alone_and_the_last_ones_are_cut():
    grid = cell_grids([specimen((9, 9, 9), box=Box((1, 0, 0), (6, 9, 4)))], 20)[0]
    assert grid == CellGrid((9, 9, 9), Box((1, 0, 0), (6, 9, 4)), (3, 3, 3))
    assert grid.shape == (2, 3, 2)
    voxels = grid.voxels()
    assert voxels.sum() == grid.region.size
    assert voxels[0, 0].tolist() == [27, 9]
    np.testing.assert_array_equal(grid.voxels(slice(1, 2)), voxels[1:2])


def test_a_grid_survives_a_file_and_a_wrong_one_does_not():
    grid = CellGrid((9, 9, 9), Box((1, 0, 0), (6, 9, 4)), (3, 3, 3))
    assert CellGrid.from_json(grid.as_json()) == grid
    for wrong in ({"factors": (0, 1, 1)}, {"volume": (4, 9, 9)}, {"region": {"start": (2, 0, 0), "stop": (2, 9, 4)}}):
        with pytest.raises(ValueError, match="cells do not lie"):
            CellGrid.from_json({**grid.as_json(), **wrong})
    with pytest.raises(ValueError, match="factors"):
        CellGrid.from_json({"volume": (9, 9, 9), "region": grid.as_json()["region"]})
