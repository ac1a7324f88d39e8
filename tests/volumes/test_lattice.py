import numpy as np
import pytest

from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.lattice import Lattice


def test_every_voxel_is_a_sample_by_itself():
    box = Box((1, 2, 3), (4, 5, 6))
    assert Lattice().is_dense
    assert Lattice().cells(box) == box


@pytest.mark.parametrize("step", [(2, 2, 2), (1, 2, 3)])
@pytest.mark.parametrize("start", [(0, 0, 0), (2, 2, 3)])
def test_samples_are_the_first_voxels_of_the_cells_of_a_box(step, start):
    grid = np.arange(12**3).reshape(12, 12, 12)
    box = Box((3, 4, 5), (9, 10, 12))
    lattice = Lattice(step)
    z, y, x = start
    here = grid[z:, y:, x:][lattice.samples(box, start)]
    every = grid[tuple(slice(None, None, n) for n in step)]
    np.testing.assert_array_equal(here, every[lattice.cells(box).slices])
    for axis, n in enumerate(step):
        assert lattice.cells(box).start[axis] * n <= box.start[axis] < lattice.cells(box).start[axis] * n + n
