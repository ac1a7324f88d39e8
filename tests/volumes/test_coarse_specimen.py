import numpy as np

from napari_hypseg.jobs import quietly
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.cell_grid import CellGrid
from napari_hypseg.volumes.coarse_specimen import coarse_specimen


def test_cells_are_means_and_cut_ones_too(monkeypatch):
    monkeypatch.setattr("napari_hypseg.volumes.coarse_specimen.SLAB", 1)
    grey = np.random.default_rng(0).normal(size=(5, 6, 7)).astype(np.float32)
    volume = Volume((grey, 2 * grey), (1.0, 2.0, 1.0), "nanometer")
    grid = CellGrid((5, 6, 7), Box((1, 0, 0), (4, 6, 7)), (2, 1, 3))
    coarse = quietly(coarse_specimen(Specimen(volume, None, grid.region), grid))
    assert coarse.volume.shape == grid.shape == (2, 6, 3)
    assert coarse.volume.voxel_size == (2, 2, 3)
    assert coarse.mask is None
    first, second = (np.asarray(channel) for channel in coarse.volume.channels)
    np.testing.assert_allclose(second, 2 * first, rtol=1e-6)
    np.testing.assert_allclose(first[0, 4, 1], grey[1:3, 4, 3:6].mean(), rtol=1e-5)
    np.testing.assert_allclose(first[1, 5, 2], grey[3, 5, 6], rtol=1e-5)


def test_voxels_as_they_are_and_a_hole_in_them():
    grey = np.random.default_rng(0).normal(size=(4, 4, 4)).astype(np.float32)
    grey[0, :2, :2] = grey[1, :2, :2] = np.nan
    for factor in (1, 2):
        grid = CellGrid((4, 4, 4), Box.whole((4, 4, 4)), (factor,) * 3)
        coarse = np.asarray(quietly(coarse_specimen(Specimen(Volume((grey,))), grid)).volume.channels[0])
        assert np.isnan(coarse).sum() == 8 / factor**3
        if factor == 1:
            np.testing.assert_array_equal(coarse, grey)


def test_a_cell_counts_with_half_of_its_voxels():
    mask = np.zeros((4, 4, 5), dtype=np.uint8)
    mask[:2, :2, 1] = 7  # half of the first cell
    mask[2:, 2:, 4] = 1  # all of a cell that is cut
    mask[0, 2, 0] = 1
    grid = CellGrid((4, 4, 5), Box.whole((4, 4, 5)), (2, 2, 2))
    specimen = Specimen(Volume((np.ones((4, 4, 5), np.float32),)), Volume((mask,)))
    coarse = quietly(coarse_specimen(specimen, grid))
    assert np.argwhere(coarse.inside(coarse.volume.box)).tolist() == [[0, 0, 0], [1, 1, 2]]
