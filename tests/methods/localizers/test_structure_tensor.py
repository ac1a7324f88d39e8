import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_hypseg.methods.localizers.structure_tensor import structure, structure_tensor
from napari_hypseg.volumes.coarse import CoarseVolume

N = 40
BLOCK = (slice(6, 20),) * 3
INSIDE = (slice(4, 9),) * 3
"""Well inside the block, on the halved grid."""


def noise(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def coarse(*channels, valid=None):
    data = np.stack(channels).astype(np.float32)
    seen = np.ones(data.shape[1:], bool) if valid is None else valid
    return CoarseVolume(data, seen, (1, 1, 1), data.shape[1:])


def scene(*objects):
    """A textured block in noise, and bright smooth objects beside it."""
    data = 0.3 * noise((N, N, N))
    texture = ndimage.gaussian_filter(noise((N, N, N), 5), 1.5)
    data[BLOCK] += (texture / texture.std())[BLOCK]
    for thing in objects:
        data[thing] += 2
    return data


Z, Y, X = np.indices((N, N, N))
THINGS = {
    "wall": (X >= 30) & (X < 34),
    "oblique wall": np.abs(Y + X - 62) < 4,
    "rod": (Z >= 30) & (Z < 34) & (Y >= 30) & (Y < 34),
    "tube": np.abs(np.hypot(Y - 12, X - 12) - 17) < 1.5,
}


def away_from_faces(mask):
    """Cells of the halved grid whose surroundings are complete."""
    halved = mask[::2, ::2, ::2].copy()
    inner = np.zeros_like(halved)
    inner[3:-3, 3:-3, 3:-3] = True
    return halved & inner


def test_texture_stands_out_of_noise():
    varied = structure(coarse(scene()))
    assert varied.shape == (N // 2,) * 3
    assert varied.dtype == np.float32
    assert varied[INSIDE].mean() > 50 * varied[13:].mean()


@pytest.mark.parametrize("thing", list(THINGS))
def test_what_is_plain_in_one_direction_is_no_texture(thing):
    varied = structure(coarse(scene(THINGS[thing])))
    plain = away_from_faces(THINGS[thing])
    assert plain.sum() > 20
    assert varied[INSIDE].mean() > 20 * varied[plain].mean()


def test_a_pattern_that_does_not_change_along_z_is_no_texture():
    """As rings are, and the wall of a tube."""
    data = scene()
    pattern = ndimage.gaussian_filter(noise((N, N), 7), 1.0)
    data[:, 24:, 24:] += 3 * (pattern / pattern.std())[24:, 24:]
    varied = structure(coarse(data))
    assert varied[INSIDE].mean() > 50 * varied[:, 14:, 14:].mean()


def test_every_channel_counts():
    varied = structure(coarse(0.3 * noise((N, N, N), 1), scene()))
    assert varied[INSIDE].mean() > 20 * varied[13:].mean()


@pytest.mark.parametrize("axes", [(0, 1), (0, 2), (1, 2)])
def test_it_is_the_same_from_every_side(axes):
    """Only the tensor is: before it, what is constant along z is taken away, and z is the axis of rotation."""
    data = torch.from_numpy(scene()[None, :20, :20, :20].copy())
    turned = torch.from_numpy(np.rot90(data[0].numpy(), axes=axes)[None].copy())
    here, there = (np.linalg.eigvalsh(structure_tensor(part, 1.5).numpy()) for part in (data, turned))
    np.testing.assert_allclose(np.rot90(here, axes=axes), there, atol=1e-4)


def test_turned_by_a_right_angle_about_z_the_findings_turn_with_it():
    data = scene(THINGS["rod"])
    here, there = structure(coarse(data)), structure(coarse(np.rot90(data, axes=(1, 2))))
    np.testing.assert_allclose(np.rot90(here, axes=(1, 2)), there, rtol=0.02, atol=1e-4 * here.max())


def test_grey_values_of_any_unit_give_the_same():
    data = scene()
    np.testing.assert_allclose(structure(coarse(700 * data + 3)), structure(coarse(data)), rtol=0.05, atol=1e-4)


def test_what_is_not_valid_shows_nothing_and_disturbs_nothing():
    data, valid = scene(), np.ones((N, N, N), bool)
    valid[:, :, 34:] = False
    data[~valid] = 0
    varied = structure(coarse(data, valid=valid))
    assert varied[INSIDE].mean() > 50 * varied[..., 18:].max()


def test_the_tensor_of_a_ramp_is_the_product_of_its_slopes():
    ramp = torch.from_numpy((2.0 * Z + 3.0 * X)[None, :9, :9, :9].astype(np.float32))
    tensor = structure_tensor(ramp, 1.0)
    assert tensor.shape == (9, 9, 9, 3, 3)
    expected = np.outer([2, 0, 3], [2, 0, 3])
    np.testing.assert_allclose(tensor[4, 4, 4], expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 20, 20), (2, 1, 1), (1, 1, 1), (70, 3, 2), (2, 2, 2), (1, 1, 40)])
@pytest.mark.parametrize("scale", [0, 1])
def test_any_grid(shape, scale):
    varied = structure(coarse(scale * noise(shape)))
    assert varied.shape == tuple(-(-n // 2) if n >= 32 else n for n in shape)
    assert np.isfinite(varied).all()
    assert (varied >= 0).all()


def test_an_axis_of_one_cell_is_left_out():
    data = 0.1 * noise((1, N, N))
    data[0, 8:24, 8:24] += noise((N, N), 3)[8:24, 8:24]
    varied = structure(coarse(data))
    assert varied[0, 5:11, 5:11].mean() > 10 * varied[0, 15:, 15:].mean()
