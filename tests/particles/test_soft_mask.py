import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.particles.soft_mask import MaskSettings, soft_mask


@pytest.mark.parametrize("edge", [31, 32])
def test_a_ball_has_a_soft_edge_about_its_radius(edge):
    mask = soft_mask(edge, MaskSettings(mask_radius=10, mask_edge=4))
    middle = edge // 2
    line = mask[middle, middle, middle:]
    assert line[:9].tolist() == [1] * 9
    assert line[10] == pytest.approx(0.5)
    assert not line[12:].any()
    assert (np.diff(line) <= 0).all()
    assert mask.dtype == np.float32
    assert mask.sum() == pytest.approx(4 / 3 * np.pi * 10**3, rel=0.05)
    np.testing.assert_array_equal(mask, mask.transpose(2, 1, 0))


def test_a_cylinder_stands_along_z():
    mask = soft_mask(32, MaskSettings(mask_shape="cylinder", mask_radius=5, mask_height=20, mask_edge=2))
    assert mask[16 - 9 : 16 + 10, 16, 16].all()
    assert not mask[:5].any()
    assert not mask[16, 16, 23:].any()
    hard = soft_mask(32, MaskSettings(mask_radius=5, mask_edge=0))
    assert set(np.unique(hard)) == {0, 1}


@pytest.mark.parametrize(
    "settings", [{"mask_radius": 15}, {"mask_edge": 40}, {"mask_shape": "cylinder", "mask_height": 32}]
)
def test_a_mask_that_does_not_fit_its_box_is_refused(settings):
    with pytest.raises(SettingError, match="does not fit into a box of 32 voxels; choose a radius up to"):
        soft_mask(32, MaskSettings(**settings))
    assert not soft_mask(32, MaskSettings())[0].any()
