import numpy as np
import pytest

from napari_hypseg.methods.grey import grey_mask
from napari_hypseg.volumes.coarse import CoarseVolume

SHAPE = (32, 32, 32)
BODY = (slice(8, 24), slice(9, 23), slice(7, 25))


def scene(body, medium=0.0, noise=0.1):
    data = np.random.default_rng(0).normal(medium, noise, SHAPE).astype(np.float32)
    data[BODY] += body
    core = np.zeros(SHAPE, bool)
    core[13:19, 13:19, 13:19] = True
    shell = np.ones(SHAPE, bool)
    shell[2:-2, 2:-2, 2:-2] = False
    return CoarseVolume(data[None], np.ones(SHAPE, bool), (1, 1, 1), SHAPE), core, shell


def truth():
    mask = np.zeros(SHAPE, bool)
    mask[BODY] = True
    return mask


def test_a_body_in_air_is_outlined_to_the_cell():
    for sign in (1, -1):
        found = grey_mask(*scene(2.0 * sign))
        assert found is not None
        assert (found != truth()).mean() < 0.02


def test_grey_values_that_overlap_tell_nothing():
    assert grey_mask(*scene(0.05, noise=1.0)) is None


def test_a_body_in_a_medium_that_reaches_the_border_is_left_to_the_texture():
    volume, core, shell = scene(0.2)
    volume.data[0, :, 4:28, 4:28] += 2.0
    assert grey_mask(volume, core, shell) is None


def test_the_first_channel_that_tells_is_used():
    volume, core, shell = scene(2.0)
    blind = np.random.default_rng(1).normal(0, 1, SHAPE).astype(np.float32)
    both = CoarseVolume(np.stack([blind, volume.data[0]]), volume.valid, (1, 1, 1), SHAPE)
    np.testing.assert_array_equal(grey_mask(both, core, shell), grey_mask(volume, core, shell))


def test_a_second_body_and_crumbs_are_left_out_and_cavities_are_not():
    volume, core, shell = scene(2.0)
    volume.data[0, 2:6, 2:6, 2:6] += 2.0
    volume.data[0, 14:18, 14:18, 14:18] -= 2.0
    found = grey_mask(volume, core & (volume.data[0] > 1), shell)
    assert (found != truth()).mean() < 0.02
    assert not found[:6].any()


def test_a_rod_that_holds_the_body_is_left_out():
    volume, core, shell = scene(2.0)
    volume.data[0, 24:, 14:16, 14:16] += 2.0
    shell[-2:, 14:16, 14:16] = False
    found = grey_mask(volume, core, shell)
    assert (found != truth()).mean() < 0.02
    assert not found[-5:].any()


def test_streaks_around_a_core_are_no_body():
    volume, core, shell = scene(0.0)
    volume.data[0, 4:28:4, 4:28, 4:28] += 2.0
    volume.data[0, 4:28, 4:28:4, 4:28] += 2.0
    volume.data[0][core] = 2.0
    assert grey_mask(volume, core, shell) is None


@pytest.mark.parametrize("shape", [(1, 9, 9), (2, 2, 2), (70, 3, 2), (1, 1, 2)])
def test_any_grid(shape):
    data = np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)
    core = np.zeros(shape, bool)
    core.flat[0] = True
    volume = CoarseVolume(data, np.ones(shape, bool), (1, 1, 1), shape)
    found = grey_mask(volume, core, ~core)
    assert found is None or found.shape == shape


def test_nothing_sure_nothing_told():
    volume, core, shell = scene(2.0)
    assert grey_mask(volume, core & False, shell) is None
    assert grey_mask(volume, core, shell & False) is None
