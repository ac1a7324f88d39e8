"""The noise level of a specimen, and the smoothing that suppresses the noise but keeps its edges."""

import math
from collections.abc import Iterator

import numpy as np

from napari_hypseg.supervoxels.watershed import connected_axes
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen

SAMPLES_PER_AXIS = 3
"""Sample blocks along each axis of the region."""
SAMPLE_EDGE = 32
RESIDUAL_NOISE = 0.006
"""Variance of the noise, relative to that of the signal, after smoothing."""
MIN_SCALE, MAX_SCALE = 0.7, 1.4
"""Range of the standard deviation of the Gaussian, in finest voxel edges."""
MIN_SIGNAL = 0.05


def noise_fraction(specimen: Specimen, intensity: Intensity) -> Iterator[float]:
    """Running estimate of the fraction of the grey-value variance that is noise, in [0, 1]; the last is to be used.

    White noise differs between neighbouring voxels, structure hardly: its variance is half the mean squared difference
    of neighbours.
    """
    axes = connected_axes(specimen.volume.voxel_size)
    total, count = 0.0, 0
    for box in _samples(specimen.region):
        grey = intensity.standardise(specimen.volume.read(box))
        inside = specimen.inside(box)
        for axis in (axis for axis in range(3) if axes[axis] and box.shape[axis] > 1):
            both = np.diff(inside.astype(np.int8), axis=axis) == 0
            both &= inside.take(range(1, box.shape[axis]), axis)
            squares = np.square(np.diff(grey, axis=axis + 1))[:, both]
            total, count = total + float(squares.sum(dtype=np.float64)), count + squares.size
        yield min(1.0, total / (2 * count)) if count else 0.0


def smoothing_scale(noise: float) -> float:
    """Standard deviation in finest voxel edges of the Gaussian that leaves `RESIDUAL_NOISE` of a noise fraction.

    In three dimensions it divides the variance of white noise by 8 π^1.5 σ³.
    """
    signal = max(MIN_SIGNAL, 1 - noise)
    sigma = math.cbrt(noise / signal / (8 * math.pi**1.5 * RESIDUAL_NOISE))
    return min(MAX_SCALE, max(MIN_SCALE, sigma))


def _samples(region: Box) -> Iterator[Box]:
    starts = [_starts(low, high) for low, high in zip(region.start, region.stop, strict=True)]
    for z in starts[0]:
        for y in starts[1]:
            for x in starts[2]:
                corner: Index3 = (z, y, x)
                yield Box(corner, (z + SAMPLE_EDGE, y + SAMPLE_EDGE, x + SAMPLE_EDGE)).intersect(region)


def _starts(low: int, high: int) -> list[int]:
    room = high - low - SAMPLE_EDGE
    return (
        [low]
        if room <= 0
        else sorted({low + room * place // (SAMPLES_PER_AXIS - 1) for place in range(SAMPLES_PER_AXIS)})
    )
