"""Local mean, deviation and gradient of grey values at one width, of which wide ones are computed on coarse cells.

A Gaussian of 8 voxels needs no value at every voxel: it is applied to means over cells of half its width, whose own
blur is subtracted from it. Cells lie at multiples of their edge from the grid's origin, and a block is read with all
that its filters reach, so that the blocks do not change the result.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.nn.gaussian import convolve_symmetric, gaussian_kernel
from napari_hypseg.volumes.blocks import align_to_stride
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.lattice import EVERY_VOXEL, Lattice
from napari_hypseg.volumes.volume import Vector3, relative_edges

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

    def responses(self, grey: Floats, core: Box, lattice: Lattice = EVERY_VOXEL) -> Floats:
        """Responses float32 (3, z, y, x) of the samples of `core`, those of a cell alike.

        Parameters
        ----------
        grey
            float32 (z, y, x); standardised grey values of `reach` of all cells of the lattice that `core` meets.
        core
            In voxels.
        lattice
            Where samples are taken, every voxel if not said.
        """
        around = align_to_stride(core, lattice.step)
        finest = max(self.cell) == 1
        step = lattice.step if finest else EVERY_VOXEL.step
        cells = _cell_means(torch.from_numpy(grey), self.cell)
        squares = _cell_means(torch.from_numpy(np.square(grey)), self.cell)
        mean, inner = self._smooth(cells), tuple(slice(1, -1, n) for n in step)
        mean_square = self._smooth(squares[1:-1, 1:-1, 1:-1], step)
        deviation = (mean_square - mean[inner].square()).clamp_min_(0).sqrt_()
        gradient = _gradient_magnitude(mean, self.spacing, step)
        values = torch.stack([mean[inner], deviation, gradient]).numpy()
        return values if finest else self._at_samples(values, around, lattice)

    def _smooth(self, cells: Tensor, step: Index3 = EVERY_VOXEL.step) -> Tensor:
        """Cells (z, y, x) convolved with the Gaussian where all of it lies inside, every `step` cells."""
        for axis, n in enumerate(step):
            kernel = gaussian_kernel(self.sigma[axis], self._radius(axis))
            cells = convolve_symmetric(cells, kernel, axis, n)
        return cells

    def _at_samples(self, cells: Floats, around: Box, lattice: Lattice) -> Floats:
        """Values (…, z, y, x) of the cells around `around` at its samples."""
        first = align_to_stride(around, self.cell).start
        z, y, x = (
            np.arange(a, b, n) // cell - start // cell
            for a, b, n, cell, start in zip(around.start, around.stop, lattice.step, self.cell, first, strict=True)
        )
        return np.ascontiguousarray(cells[:, z[:, None, None], y[:, None], x])

    def _radius(self, axis: int) -> int:
        """Cells at which the Gaussian ends."""
        return int(TRUNCATE * self.sigma[axis] + 0.5)


def _cell_means(values: Tensor, cell: Index3) -> Tensor:
    """Means over cells of voxels (z, y, x), which are whole cells."""
    for axis, n in enumerate(cell):
        if n > 1:
            parts = values.unflatten(axis, (-1, n)).unbind(axis + 1)
            total = parts[0] + parts[1]
            for part in parts[2:]:
                total += part
            values = total.div_(n)
    return values


def _gradient_magnitude(values: Tensor, spacing: Vector3, step: Index3) -> Tensor:
    """Length (z, y, x) of the gradient by central differences, of every `step`-th of the inner cells."""
    squares = torch.zeros(())
    for axis, edge in enumerate(spacing):
        index = [slice(1, -1, n) for n in step]
        n = values.shape[axis]
        index[axis] = slice(2, n, step[axis])
        above = values[tuple(index)]
        index[axis] = slice(0, n - 2, step[axis])
        squares = squares + ((above - values[tuple(index)]) / (2 * edge)).square_()
    return squares.sqrt_()
