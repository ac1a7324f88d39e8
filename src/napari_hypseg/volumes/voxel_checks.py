"""Checks of the voxels before training, on a sample whose size does not grow with the file."""

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.volumes.volume import LazyArray, Volume

SAMPLE_EDGE = 16
SAMPLES_PER_AXIS = 4
SCAN_BYTES = 2**24


def check_volume(volume: Volume) -> tuple[str, ...]:
    """Sentences about voxels that are not numbers and channels that say nothing.

    A volume of up to 64³ voxels is looked at whole, a larger one through 64 blocks of 16³ voxels. Only a volume that
    is constant in all of them is read on, up to the first voxel that differs.

    Raises
    ------
    InputError
        If no channel has two different finite voxels.
    """
    notes: list[str] = []
    blank: list[str] = []
    for number, channel in enumerate(volume.channels):
        name = volume.name if len(volume.channels) == 1 else f"Channel {number} of {volume.name}"
        sample = _sample(channel)
        share = 1 - float(np.isfinite(sample).mean())
        if share:
            notes.append(f"About {_percent(share)} of the voxels of {name} are NaN or infinite; they are left out.")
        sentence = _blank(channel, sample)
        if sentence:
            blank.append(f"{name}: {sentence}; there is nothing to learn from")
    if len(blank) == len(volume.channels):
        raise InputError(f"{'; '.join(blank)}, so check that it is the right file.")
    return (*notes, *(f"{sentence}." for sentence in blank))


def _sample(channel: LazyArray) -> npt.NDArray[np.generic]:
    """Voxels of the whole channel if it is small, else of blocks spread evenly over it."""
    shape = tuple(map(int, channel.shape))
    if np.prod(shape, dtype=np.int64) <= (SAMPLE_EDGE * SAMPLES_PER_AXIS) ** 3:
        return np.asarray(channel[:]).ravel()
    starts = [np.unique(np.linspace(0, max(0, n - SAMPLE_EDGE), SAMPLES_PER_AXIS, dtype=int)) for n in shape]
    blocks = (channel[tuple(slice(int(a), int(a) + SAMPLE_EDGE) for a in corner)] for corner in product(*starts))
    return np.concatenate([np.asarray(block).ravel() for block in blocks])


def _blank(channel: LazyArray, sample: npt.NDArray[np.generic]) -> str | None:
    """Why nothing can be learned from `channel`, None if it has two different finite voxels."""
    low, high = _range(sample)
    if low < high:
        return None
    depth, height, width = map(int, channel.shape)
    step = max(1, SCAN_BYTES // (height * width * np.dtype(channel.dtype).itemsize))
    for z in range(0, depth, step):
        slab_low, slab_high = _range(np.asarray(channel[z : z + step]))
        low, high = min(low, slab_low), max(high, slab_high)
        if low < high:
            return None
    return "no voxel is a finite number" if low > high else f"every voxel is {low:g}"


def _range(values: npt.NDArray[Any]) -> tuple[float, float]:
    """Least and greatest finite value, not rounded; (inf, -inf) if there is none."""
    finite = values[np.isfinite(values)]
    return (finite.min().item(), finite.max().item()) if finite.size else (np.inf, -np.inf)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{max(100 * share, 0.01):.2f} %"
