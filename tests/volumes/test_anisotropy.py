"""Thick sections are told from cubes by how fast grey values change, and stretched tissue and noise are not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.volumes import Volume, VoxelSizeNote
from napari_hypseg.volumes.anisotropy import fast_axis, voxel_size_doubt


def field(shape, widths=3.0, noise=0.0, seed=0):
    """Smooth noise of unit variance, `widths` voxels wide along (z, y, x), with white noise on it."""
    rng = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(rng.normal(size=shape), widths)
    return (smooth / smooth.std() + noise * rng.normal(size=shape)).astype(np.float32)


def wedge(shape, seed=0):
    """White noise of a tomogram that was tilted by ± 60° about y."""
    z, _, x = np.meshgrid(*(np.fft.fftfreq(n) for n in shape), indexing="ij")
    measured = np.abs(z) <= np.tan(np.radians(60)) * np.abs(x)
    return np.fft.ifftn(measured * np.fft.fftn(np.random.default_rng(seed).normal(size=shape))).real


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_every_fourth_section_is_noticed(axis, noise):
    shape = [64, 64, 64]
    shape[axis] *= 4
    skip = tuple(slice(None, None, 4 if a == axis else 1) for a in range(3))
    found, ratio = fast_axis(field(shape, noise=noise)[skip])
    assert found == axis
    assert 4 / 1.4 < ratio < 4 * 1.4


@pytest.mark.parametrize(
    "data",
    [
        field((64, 64, 64)),
        field((64, 64, 64), noise=3.0),
        np.random.default_rng(0).normal(size=(64, 64, 64)),
        field((64, 64, 64), (9.0, 3.0, 3.0)),  # fibres along z
        field((64, 64, 64), (3.0, 4.5, 4.5)),  # tissue pressed flat
        wedge((64, 64, 64)),
        wedge((64, 64, 64)) + field((64, 64, 64)),
        np.zeros((64, 64, 64)),
        (np.indices((64, 64, 64))[0] // 2 % 3).astype(np.float32),  # a label map of layers
        field((7, 64, 64)),
        field((20, 20, 20)),
        np.full((64, 64, 64), np.nan),
    ],
    ids=[
        "cubes",
        "in noise",
        "noise",
        "fibres",
        "flat",
        "wedge",
        "in a wedge",
        "nothing",
        "labels",
        "seven sections",
        "small",
        "no number",
    ],
)
def test_what_are_cubes_or_cannot_be_told_is_left_alone(data):
    assert fast_axis(data) is None


def test_the_note_names_axis_and_ratio_and_goes_with_the_right_size():
    volume = Volume((field((256, 64, 64))[::4],), name="sections")
    (note,) = voxel_size_doubt(volume)
    assert isinstance(note, VoxelSizeNote)
    assert "sections change about 4 times faster along z than along y and x" in note
    assert "unknown" in note
    (note,) = voxel_size_doubt(replace(volume, unit="nanometer"))
    assert "header says that voxels are cubes" in note
    assert voxel_size_doubt(replace(volume, voxel_size=(4.0, 1.0, 1.0))) == ()
    assert replace(volume, notes=("other", note)).with_voxel_size((40, 10, 10), "nanometer").notes == ("other",)
