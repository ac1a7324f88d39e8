"""Whether grey values change much faster along one axis than the voxel size says: thick sections taken for cubes.

The measure is the variogram, half the mean squared difference of voxels a distance apart. Noise that is independent
from voxel to voxel raises it alike along all axes, so that the distance at which the two other axes have changed as
much as the suspected one does in a single step is how many of their voxels such a step is long. Where noise is nearly
all there is, or lacks a wedge of its frequencies, a variogram is flat and that distance anything; then nothing is said.

Structures may be stretched too: fibres are slow along one axis, which is why only an axis that is faster than *both*
others counts, in most parts of the volume and by more than stretched tissue is.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.units import PIXEL
from napari_hypseg.volumes.volume import LazyArray, Volume, VoxelSizeNote

BLOCK = 32
"""Edge of the blocks that are looked at, in voxels."""
BLOCKS = 3
"""Blocks along each axis, at most."""
LAGS = (1, 2, 3, 4, 6, 8, 11, 16, 23)
"""Distances at which the variogram is taken; one that is reached by none of them is taken for the last."""
MIN_EDGE = 8
"""Voxels along an axis below which nothing is said."""
MIN_RATIO = 2.5
"""How many times faster an axis has to be; real tissue of cubic voxels was found to reach 2."""
MIN_RISE = 1.5
"""How much more a single step along it has to change; less is within what a missing wedge makes of noise."""
MAJORITY = 0.75
"""Share of the blocks that have to agree."""
MIN_VARIANCE = 0.03
"""Variance of a block that counts, relative to the largest."""
MIN_BLOCKS = 4
"""Blocks below which nothing is said."""
MAX_LABEL_VALUES = 24
"""Different values in a block that are labels and no grey values."""
MAX_CUBIC_RATIO = 1.05
"""Ratio of the longest edge to the shortest up to which a header says that voxels are cubes."""

Floats = npt.NDArray[np.float64]


def fast_axis(channel: LazyArray) -> tuple[int, float] | None:
    """The axis along which grey values change clearly faster than along both others, and how many times faster.

    Parameters
    ----------
    channel
        Grey values (z, y, x); up to 27 blocks of 48³ voxels are read.
    """
    if min(channel.shape) < MIN_EDGE:
        return None
    found = [block for block in _blocks(channel) if len(np.unique(block)) > MAX_LABEL_VALUES]
    scale = max((float(np.abs(block).max()) for block in found), default=1.0)
    blocks = [block / scale for block in found]  # squares of very large values would overflow, of small ones vanish
    variances = np.array([block.var() for block in blocks] or [0.0])
    lively = [
        block for block, variance in zip(blocks, variances, strict=False) if variance > MIN_VARIANCE * variances.max()
    ]
    if len(lively) < MIN_BLOCKS:
        return None
    curves = np.array([[_variogram(block, axis) for axis in range(3)] for block in lively])
    for axis in range(3):
        ratios = np.array(
            [min(_equivalent_lag(curve, axis, other) for other in range(3) if other != axis) for curve in curves]
        )
        if np.mean(ratios > MIN_RATIO) >= MAJORITY:
            return axis, float(np.median(ratios))
    return None


def voxel_size_doubt(volume: Volume) -> tuple[VoxelSizeNote, ...]:
    """A note if the voxels of `volume` are given as cubes, or not at all, and its autocorrelation says otherwise."""
    if max(volume.voxel_size) > MAX_CUBIC_RATIO * min(volume.voxel_size):
        return ()
    found = fast_axis(volume.channels[0])
    if found is None:
        return ()
    axis, ratio = found
    others = " and ".join("zyx".replace("zyx"[axis], ""))
    said = "its voxel size is unknown" if volume.unit == PIXEL else "its header says that voxels are cubes"
    about = f"{ratio:.0f}" if ratio < LAGS[-1] else f"{LAGS[-1]} or more"
    sentence = (
        f"Grey values of {volume.name} change about {about} times faster along {'zyx'[axis]} than along {others}, as "
        f"in sections thicker than pixels, but {said}; correct it if that is so."
    )
    return (VoxelSizeNote(sentence),)


def _blocks(channel: LazyArray) -> Iterator[Floats]:
    """Blocks spread evenly over the volume that hold finite values only, in float64."""
    starts = [np.unique(np.linspace(0, max(0, n - BLOCK), BLOCKS, dtype=int)) for n in channel.shape]
    for corner in product(*starts):
        block = np.asarray(channel[tuple(slice(int(a), int(a) + BLOCK) for a in corner)], dtype=np.float64)
        if np.isfinite(block).all():
            yield block


def _variogram(block: Floats, axis: int) -> Floats:
    """Half the mean squared difference at each of `LAGS` along an axis, NaN beyond the block; it never falls."""
    along = np.moveaxis(block, axis, 0)
    values = [0.5 * float(np.mean((along[lag:] - along[:-lag]) ** 2)) if lag < len(along) else np.nan for lag in LAGS]
    rising: Floats = np.maximum.accumulate(values)
    return rising


def _equivalent_lag(curves: Floats, axis: int, other: int) -> float:
    """Distance along `other` at which its variogram is where that of `axis` is after one step."""
    wanted, curve = curves[axis, 0], curves[other]
    known = np.isfinite(curve)
    curve, lags = curve[known], np.asarray(LAGS, dtype=np.float64)[known]
    if wanted <= MIN_RISE * curve[0]:
        return 1.0
    return float(np.interp(wanted, curve, lags))
