"""Putting grey values of any instrument on one scale: mean 0 and standard deviation 1 over what counts.

Statistics and centring are in double precision: of values that share a large offset, or lie beyond single precision,
nothing would be left otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import GreyValues

SAMPLE_BLOCKS = 96
SAMPLE_EDGE = 16
SAMPLE_SIZE = SAMPLE_BLOCKS * SAMPLE_EDGE**3
SLAB = 2**22
"""Voxels read at once where random blocks are not representative."""
TRIMMED_SHARE = 0.001
"""Share of voxels at each end that does not enter the statistics: gold beads and hot pixels."""
CLIP = 8.0
"""Standardised values are clipped here, so that one hot pixel cannot dominate a training step."""
SINGLE_OFFSET = 2.0**10
"""Mean, in standard deviations, up to which rounding to single precision changes a standardised value by 1e-4."""
SINGLE_RANGE = (1e-30, 1e30)
"""Standard deviations that single precision holds with room for what is made of them."""


@dataclass(frozen=True, eq=False)
class Intensity:
    """Mean and standard deviation of each channel, both float64 of shape (c,)."""

    mean: npt.NDArray[np.float64]
    std: npt.NDArray[np.float64]

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Floating-point dtype that resolves 1e-4 standard deviations of the grey values."""
        low, high = SINGLE_RANGE
        single = (np.abs(self.mean) <= SINGLE_OFFSET * self.std) & (low <= self.std) & (self.std <= high)
        return np.dtype(np.float32 if single.all() else np.float64)

    def standardise(self, voxels: GreyValues) -> npt.NDArray[np.float32]:
        """Grey values (c, z, y, x) to mean 0, standard deviation 1; NaN and infinity become 0."""
        channels = (-1, *(1,) * (voxels.ndim - 1))
        with np.errstate(over="ignore"):  # what overflows is cut at the limit
            scaled = voxels.astype(self.dtype, copy=False) - self.mean.astype(self.dtype).reshape(channels)
            scaled *= (1 / self.std).astype(self.dtype).reshape(channels)
        np.clip(scaled, -CLIP, CLIP, out=scaled)
        scaled[~np.isfinite(voxels)] = 0
        single: npt.NDArray[np.float32] = scaled.astype(np.float32, copy=False)
        return single

    def restore(self, scaled: npt.NDArray[np.float32]) -> GreyValues:
        """Standardised values (c, …) in the units of the volume again, of `dtype`."""
        channels = (-1, *(1,) * (scaled.ndim - 1))
        mean, std = (part.astype(self.dtype).reshape(channels) for part in (self.mean, self.std))
        grey: GreyValues = scaled * std + mean
        return grey


def measure_intensity(specimen: Specimen) -> Intensity:
    """Robust mean and standard deviation over a fixed sample of small blocks inside the specimen.

    Raises
    ------
    InputError
        If all channels are constant, or one holds no finite voxel where it counts.
    """
    sample = _sample(specimen)
    if any(map(_is_constant, sample)):
        sample = _extend_sample(specimen, sample)
    names = _channel_names(specimen)
    intensity = robust_intensity([_finite(values, name) for values, name in zip(sample, names, strict=True)])
    if all(map(_is_constant, sample)):
        where = "" if specimen.mask is None and specimen.box is None else " in its mask or box"
        rounding = " in double precision" if abs(intensity.mean[0]) >= 2**53 else ""
        raise InputError(
            f"Every voxel of {specimen.volume.name}{where} has the value {intensity.mean[0]:g}{rounding}; there is "
            "nothing to learn from it."
        )
    return intensity


def robust_intensity(channels: list[npt.NDArray[np.float64]]) -> Intensity:
    """Robust statistics of finite values (n,) of each channel; a constant one is given a deviation of 1."""
    mean, std = np.array([_robust(values) for values in channels]).T
    # A channel that says nothing beside others that do becomes 0 everywhere.
    return Intensity(mean, np.where(std >= np.finfo(np.float64).tiny, std, 1.0))


def _robust(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation without the tails.

    Where all but the tails are equal, the few others count with their median distance: one of them may be an outlier.
    """
    low, high = (float(bound) for bound in np.quantile(values, [TRIMMED_SHARE, 1 - TRIMMED_SHARE]))
    if low < high:
        spread = high - low  # divided by it, squares neither overflow nor vanish
        shares = (np.clip(values, low, high) - low) / spread
        return low + spread * float(shares.mean()), spread * float(shares.std())
    others = values[values != low]
    if not others.size:
        return low, 0.0
    return low, float(np.median(np.abs(others - low))) * (others.size / values.size) ** 0.5


def _sample(specimen: Specimen) -> GreyValues:
    """Grey values (c, n) of blocks at fixed random places; all of them where the region is small."""
    region = specimen.region
    if region.size <= SAMPLE_SIZE:
        boxes = [region]
    else:
        generator = np.random.default_rng(0)
        corners = generator.integers(region.start, region.stop, size=(SAMPLE_BLOCKS * 8, 3))
        boxes = [Box((z, y, x), (z + SAMPLE_EDGE, y + SAMPLE_EDGE, x + SAMPLE_EDGE)) for z, y, x in corners.tolist()]
    parts: list[GreyValues] = []
    for box in (box.intersect(region) for box in boxes):
        inside = specimen.inside(box)
        if inside.any():
            parts.append(specimen.volume.read(box)[:, inside])
        if sum(part.shape[1] for part in parts) >= SAMPLE_SIZE // 2:
            break
    if not parts:  # a mask so small that random blocks miss it
        parts = list(_valid_slabs(specimen))
    return np.concatenate(parts, axis=1)


def _extend_sample(specimen: Specimen, sample: GreyValues) -> GreyValues:
    """The sample and, slab by slab, what makes its constant channels vary, if anything in the specimen does."""
    for values in _valid_slabs(specimen):
        joined = np.concatenate([sample, values], axis=1)
        if sum(map(_is_constant, joined)) < sum(map(_is_constant, sample)):
            sample = joined
        if not any(map(_is_constant, sample)):
            break
    return sample


def _valid_slabs(specimen: Specimen) -> Iterator[GreyValues]:
    """Every counted voxel (c, n), slab by slab."""
    region = specimen.region
    (z0, y0, x0), (z1, y1, x1) = region.start, region.stop
    thickness = max(1, SLAB // ((y1 - y0) * (x1 - x0)))
    for z in range(z0, z1, thickness):
        slab = Box((z, y0, x0), (min(z + thickness, z1), y1, x1))
        yield specimen.volume.read(slab)[:, specimen.inside(slab)]


def _is_constant(values: GreyValues) -> bool:
    """Whether no two of `values` (n,) are finite and differ."""
    finite = values[np.isfinite(values)]
    return not finite.size or bool(finite.min() == finite.max())


def _channel_names(specimen: Specimen) -> list[str]:
    name, count = specimen.volume.name, len(specimen.volume.channels)
    return [name] if count == 1 else [f"channel {channel} of {name}" for channel in range(count)]


def _finite(values: GreyValues, name: str) -> npt.NDArray[np.float64]:
    """What is finite of `values` (n,) of the channel `name`."""
    if values.size == 0:
        raise InputError(f"The mask or box of {name} leaves no voxel; give a mask that has voxels above 0.")
    finite = values[np.isfinite(values)].astype(np.float64)
    if finite.size == 0:
        raise InputError(f"Every voxel of {name} is NaN or infinite; check the reconstruction that wrote it.")
    return finite
