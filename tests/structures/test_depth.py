import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.jobs import quietly
from napari_hypseg.structures import depth as module
from napari_hypseg.structures.depth import depth_job


@pytest.mark.parametrize("small", [0, module.SMALL])
@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.5), (1.0, 3.0, 0.5)])
@pytest.mark.parametrize("shape", [(30, 33, 21), (3, 40, 9), (19, 3, 3)])
def test_depth_is_the_distance_transform_in_one_go_or_plane_by_plane(monkeypatch, small, voxel_size, shape):
    monkeypatch.setattr(module, "SMALL", small)
    inside = np.pad(np.random.default_rng(len(shape)).random(np.subtract(shape, 2)) < 0.98, 1)
    depth = quietly(depth_job(inside, voxel_size))
    np.testing.assert_allclose(depth, ndimage.distance_transform_edt(inside, sampling=voxel_size), rtol=1e-6)
    assert depth.dtype == np.float32


def test_a_solid_block_is_deepest_in_its_middle(monkeypatch):
    monkeypatch.setattr(module, "SMALL", 0)
    inside = np.pad(np.ones((41, 51, 61), bool), 1)
    depth = quietly(depth_job(inside, (1.0, 1.0, 1.0)))
    assert depth.max() == depth[21, 26, 31] == 21
    assert not depth[0].any()
