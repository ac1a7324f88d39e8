"""Local mean, deviation and gradient of grey values at one width, of which wide ones are computed on coarse cells.

A Gaussian of 8 voxels needs no value at every voxel: it is applied to means over cells of half its width, whose own
blur is subtracted from it. Cells lie at multiples of their edge from the grid's origin, and a block is read with all
that its filters reach, so that the blocks do not change the result.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from napari_hypseg.volumes.blocks import align_to_stride
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import Vector3, relative_edges

RESPONSES = 3
"""Values of each width: local mean, local standard deviation, gradient magnitude."""
TRUNCATE = 3.0
"""Standard deviations at which a Gaussian ends."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scale:
    """One width on the grid of a volume.

    Parameters
    ----------
    cell
        Voxels (z, y, x) of a cell, powers of 2, at most half the width.
    sigma
        Standard deviation (z, y, x), in cells, of the Gaussian that is applied to the means of cells.
    spacing
        Edges (z, y, x) of a cell in edges of the finest voxel.
    """

    cell: Index3
    sigma: Vector3
    spacing: Vector3

    @classmethod
    def of(cls, width: float, voxel_size: Vector3) -> "Scale":
        """The scale of a Gaussian whose standard deviation is `width` edges of the finest voxel along every axis."""
        edges = relative_edges(voxel_size)
        voxels = [width / edge for edge in edges]
        z, y, x = (2 ** max(0, math.floor(math.log2(n / 2))) for n in voxels)
        sigma = [math.sqrt(n**2 - (cell**2 - 1) / 12) / cell for n, cell in zip(voxels, (z, y, x), strict=True)]
        return cls((z, y, x), (sigma[0], sigma[1], sigma[2]), (z * edges[0], y * edges[1], x * edges[2]))

    def reach(self, core: Box) -> Box:
        """The voxels, whole cells, that the responses of `core` depend on."""
        z, y, x = ((self._radius(axis) + 1) * self.cell[axis] for axis in range(3))
        return align_to_stride(core.grow((z, y, x)), self.cell)

    def responses(self, grey: Floats, core: Box) -> Floats:
        """Responses float32 (3, z, y, x) of the voxels of `core`, those of a cell alike.

        Parameters
        ----------
        grey
            float32 (z, y, x); standardised grey values of `reach(core)`.
        """
        cells = _cell_means(grey, self.cell)
        squares = _cell_means(np.square(grey), self.cell)
        mean, mean_square = (gaussian_filter(one, self.sigma, truncate=TRUNCATE) for one in (cells, squares))
        inner = tuple(slice(self._radius(axis) + 1, -self._radius(axis) - 1) for axis in range(3))
        deviation = np.sqrt(np.maximum(mean_square - np.square(mean), 0))[inner]
        gradient = _gradient_magnitude(mean, self.spacing)[inner]
        return self._at_voxels(np.stack([mean[inner], deviation, gradient]), core)

    def _at_voxels(self, cells: Floats, core: Box) -> Floats:
        """Values (…, z, y, x) of the cells around `core` at its voxels."""
        for axis, n in enumerate(self.cell):
            cells = cells if n == 1 else cells.repeat(n, axis=axis - 3)
        z, y, x = align_to_stride(core, self.cell).start
        return cells[..., *core.shift((-z, -y, -x)).slices]

    def _radius(self, axis: int) -> int:
        """Cells at which the Gaussian ends, as `gaussian_filter` rounds it."""
        return int(TRUNCATE * self.sigma[axis] + 0.5)


def _cell_means(values: Floats, cell: Index3) -> Floats:
    """Means over cells of voxels (z, y, x), which are whole cells."""
    if max(cell) == 1:
        return values
    (z, y, x), (cz, cy, cx) = values.shape, cell
    means: Floats = values.reshape(z // cz, cz, y // cy, cy, x // cx, cx).mean(axis=(1, 3, 5))
    return means


def _gradient_magnitude(values: Floats, spacing: Vector3) -> Floats:
    """Length (z, y, x) of the gradient by central differences; 0 along axes of one cell."""
    squares = np.zeros_like(values)
    for axis, edge in enumerate(spacing):
        if values.shape[axis] > 1:
            squares += np.square(np.gradient(values, np.float32(edge), axis=axis))
    return np.sqrt(squares)
