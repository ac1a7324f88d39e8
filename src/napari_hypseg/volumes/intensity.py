"""Putting grey values of any instrument on one scale: mean 0 and standard deviation 1 over what counts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.specimen import Specimen

SAMPLE_BLOCKS = 96
SAMPLE_EDGE = 16
TAIL = 0.001
"""Share of voxels at each end that does not enter the statistics: gold beads and hot pixels."""
LIMIT = 8.0
"""Standardised values are cut here, so that one hot pixel cannot rule a training step."""


@dataclass(frozen=True, eq=False)
class Intensity:
    """Mean and standard deviation of each channel, both float32 of shape (c,)."""

    mean: npt.NDArray[np.float32]
    std: npt.NDArray[np.float32]

    def standardise(self, voxels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Grey values (c, z, y, x) to mean 0, standard deviation 1; NaN and infinity become 0."""
        scaled = voxels - self.mean[:, None, None, None]
        scaled *= 1 / self.std[:, None, None, None]
        np.nan_to_num(scaled, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        return np.clip(scaled, -LIMIT, LIMIT, out=scaled)

    def restore(self, scaled: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Standardised values (c, …) in the units of the volume again."""
        channels = (-1, *(1,) * (scaled.ndim - 1))
        grey: npt.NDArray[np.float32] = scaled * self.std.reshape(channels) + self.mean.reshape(channels)
        return grey


def measure_intensity(specimen: Specimen) -> Intensity:
    """Robust mean and standard deviation over a fixed sample of small blocks inside the specimen.

    Raises
    ------
    InputError
        If all channels are constant, or one holds no finite voxel where it counts.
    """
    sample = _sample(specimen)
    statistics = [_robust(values, specimen, channel) for channel, values in enumerate(sample)]
    mean, std = np.asarray(statistics, dtype=np.float32).T
    if not std.any():
        raise InputError(
            f"Every voxel of {specimen.volume.name} has the value {mean[0]:g}; there is nothing to learn from it."
        )
    # A channel that says nothing beside others that do becomes 0 everywhere.
    return Intensity(mean, np.where(std > 0, std, 1).astype(np.float32))


def _sample(specimen: Specimen) -> npt.NDArray[np.float32]:
    """Grey values (c, n) of blocks at fixed random places; all of them where the region is small."""
    region = specimen.region
    if region.size <= SAMPLE_BLOCKS * SAMPLE_EDGE**3:
        boxes = [region]
    else:
        generator = np.random.default_rng(0)
        corners = generator.integers(region.start, region.stop, size=(SAMPLE_BLOCKS * 8, 3))
        boxes = [Box((z, y, x), (z + SAMPLE_EDGE, y + SAMPLE_EDGE, x + SAMPLE_EDGE)) for z, y, x in corners.tolist()]
    parts: list[npt.NDArray[np.float32]] = []
    wanted = SAMPLE_BLOCKS * SAMPLE_EDGE**3 // 2
    for box in (box.intersect(region) for box in boxes):
        inside = specimen.inside(box)
        if inside.any():
            parts.append(specimen.volume.read(box)[:, inside])
        if sum(part.shape[1] for part in parts) >= wanted:
            break
    if not parts:
        parts = _search(specimen)
    return np.concatenate(parts, axis=1)


def _search(specimen: Specimen) -> list[npt.NDArray[np.float32]]:
    """Every counted voxel slab by slab: for a mask so small that random blocks miss it."""
    region = specimen.region
    (z0, y0, x0), (z1, y1, x1) = region.start, region.stop
    slabs = [Box((z, y0, x0), (min(z + 8, z1), y1, x1)) for z in range(z0, z1, 8)]
    return [specimen.volume.read(slab)[:, specimen.inside(slab)] for slab in slabs]


def _robust(values: npt.NDArray[np.float32], specimen: Specimen, channel: int) -> tuple[float, float]:
    name = specimen.volume.name
    which = f"channel {channel} of {name}" if len(specimen.volume.channels) > 1 else name
    if values.size == 0:
        raise InputError(f"The mask or box of {name} leaves no voxel; give a mask that has voxels above 0.")
    finite = values[np.isfinite(values)].astype(np.float64)
    if finite.size == 0:
        raise InputError(f"Every voxel of {which} is NaN or infinite; check the reconstruction that wrote it.")
    low, high = np.quantile(finite, [TAIL, 1 - TAIL])
    clipped = np.clip(finite, low, high)
    spread = float(clipped.std())
    if spread == 0.0:
        spread = float(finite.std())
    if spread <= 1e-12 * max(1.0, abs(float(finite.mean()))):
        return float(finite[0]), 0.0
    return float(clipped.mean()), spread
