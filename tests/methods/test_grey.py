import numpy as np

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


def test_a_body_in_a_medium_that_reaches_the_border_is_left_to_the_network():
    volume, core, shell = scene(0.2)
    volume.data[0, :, 4:28, 4:28] += 2.0
    assert grey_mask(volume, core, shell) is None


def test_nothing_sure_nothing_told():
    volume, core, shell = scene(2.0)
    assert grey_mask(volume, core & False, shell) is None
    assert grey_mask(volume, core, shell & False) is None
