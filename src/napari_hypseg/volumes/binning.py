"""A volume at a lower resolution, read only where it is looked at: means over small cubes of voxels."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import LazyArray


@dataclass(frozen=True, eq=False)
class BinnedArray:
    """Means over cubes of `factor` voxels along each axis of `array` (z, y, x), float32; a lazy array.

    Voxels at the end of an axis that fill no whole cube are left out.
    """

    array: LazyArray
    factor: int = 2

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid of the cubes."""
        return tuple(n // self.factor for n in self.array.shape)

    @property
    def dtype(self) -> Any:
        """Type of a mean."""
        return np.dtype(np.float32)

    def planes(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        """Cubes `start` … `stop` − 1 along z, float32 (z, y, x)."""
        f = self.factor
        z, y, x = stop - start, *self.shape[1:]
        voxels = np.asarray(self.array[start * f : stop * f])[:, : y * f, : x * f]
        means: npt.NDArray[np.float32] = voxels.reshape(z, f, y, f, x, f).mean(axis=(1, 3, 5), dtype=np.float32)
        return means

    def read(self) -> npt.NDArray[np.float32]:
        """All of it, read plane by plane."""
        made = np.empty(self.shape, dtype=np.float32)
        for z in range(self.shape[0]):
            made[z : z + 1] = self.planes(z, z + 1)
        return made


def binned_box(box: Box, factor: int, shape: tuple[int, ...]) -> Box:
    """The cubes, of a grid of `shape`, that `box` of voxels has a part in; at least one."""
    start = [min(a // factor, n - 1) for a, n in zip(box.start, shape, strict=True)]
    stop = [min(n, max(a + 1, -(-b // factor))) for a, b, n in zip(start, box.stop, shape, strict=True)]
    (z0, y0, x0), (z1, y1, x1) = start, stop
    return replace(box, start=(z0, y0, x0), stop=(z1, y1, x1))
