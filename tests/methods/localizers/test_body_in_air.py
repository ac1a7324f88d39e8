import numpy as np
import pytest

from napari_hypseg.methods.localizers.body_in_air import bodies_in_air, spans_body
from napari_hypseg.volumes.coarse import CoarseVolume

SHAPE = (32, 32, 32)
BODY = (slice(8, 24), slice(9, 23), slice(7, 25))
HEART = (slice(9, 23), slice(10, 22), slice(8, 24))


def truth(part=BODY):
    mask = np.zeros(SHAPE, bool)
    mask[part] = True
    return mask


def body_in_air(volume, varied):
    """The first body that what varies fills."""
    return next((body for _, body in bodies_in_air(volume) if spans_body(varied, body)), None)


def scene(body, noise=0.1):
    """A body in noise, and what varies in it."""
    data = np.random.default_rng(0).normal(0, noise, SHAPE).astype(np.float32)
    data[BODY] += body
    return CoarseVolume(data[None], np.ones(SHAPE, bool), (1, 1, 1), SHAPE), truth(HEART)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_body_in_air_is_outlined_to_the_cell(sign):
    found = body_in_air(*scene(2.0 * sign))
    assert found is not None
    assert (found != truth()).mean() < 0.02


def test_grey_values_that_overlap_tell_nothing():
    assert body_in_air(*scene(0.05, noise=1.0)) is None


def test_a_body_in_which_only_a_small_part_varies_is_what_holds_the_sample():
    volume, _ = scene(2.0)
    assert body_in_air(volume, truth((slice(12, 18),) * 3)) is None
    assert body_in_air(volume, truth() & False) is None


def test_the_first_channel_that_tells_is_used():
    volume, varied = scene(2.0)
    blind = np.random.default_rng(1).normal(0, 1, SHAPE).astype(np.float32)
    both = CoarseVolume(np.stack([blind, volume.data[0]]), volume.valid, (1, 1, 1), SHAPE)
    np.testing.assert_array_equal(body_in_air(both, varied), body_in_air(volume, varied))


def test_a_second_body_is_left_out_and_cavities_are_not():
    volume, varied = scene(2.0)
    volume.data[0, 2:6, 2:6, 2:6] += 2.0
    volume.data[0, 14:18, 14:18, 14:18] -= 2.0
    found = body_in_air(volume, varied)
    assert (found != truth()).mean() < 0.02
    assert not found[:6].any()


def test_a_rod_that_holds_the_body_is_left_out():
    volume, _ = scene(2.0)
    volume.data[0, 24:, 14:16, 14:16] += 2.0
    found = body_in_air(volume, truth())
    assert (found != truth()).mean() < 0.02
    assert not found[-5:].any()


def test_a_body_cut_by_a_face_reaches_to_it():
    volume, varied = scene(2.0)
    volume.data[0, :8, 9:23, 7:25] += 2.0
    assert body_in_air(volume, varied | truth((slice(0, 9), *HEART[1:])))[0, 12:20, 10:22].all()


def test_what_is_not_valid_is_no_body():
    volume, varied = scene(2.0)
    volume.valid[:, :, :10] = False
    volume.data[0, :, :, :10] = 0
    found = body_in_air(volume, varied & volume.valid)
    assert found is None or not found[:, :, :10].any()


@pytest.mark.parametrize("shape", [(1, 9, 9), (2, 2, 2), (70, 3, 2), (1, 1, 2), (1, 1, 1)])
@pytest.mark.parametrize("scale", [0, 1])
def test_any_grid(shape, scale):
    data = scale * np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)
    volume = CoarseVolume(data, np.ones(shape, bool), (1, 1, 1), shape)
    found = body_in_air(volume, np.ones(shape, bool))
    assert found is None or found.shape == shape
