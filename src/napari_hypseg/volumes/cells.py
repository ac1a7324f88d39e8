"""Coarser grids whose cells are two voxels along each fine axis: means of grey values, the commonest of labels."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

Voxels: TypeAlias = npt.NDArray[Any]

COARSEST = 256
"""Cells along the longest axis at which a grid is coarse enough to be shown at once."""
EVEN = 1.5
"""Times the finest edge: an axis with longer edges than that is not halved, until the others have caught up."""


def cell_edges(shape: Index3, voxel_size: Vector3, coarsest: int = COARSEST) -> list[Index3]:
    """Voxels (z, y, x) of a cell of each coarser grid, from the finest on; none where the grid is coarse itself.

    Parameters
    ----------
    shape
        Grid (z, y, x).
    voxel_size
        Edge lengths (z, y, x) of a voxel; only their ratios matter.
    coarsest
        Cells along the longest axis of the coarsest grid, at most.
    """
    cell, cells = (1, 1, 1), list[Index3]()
    while max(cells_of(shape, cell)) > coarsest:
        edges = [edge * n for edge, n in zip(voxel_size, cell, strict=True)]
        finest = min(edge for edge, n in zip(edges, cells_of(shape, cell), strict=True) if n > 1)
        halved = [edge <= EVEN * finest and n > 1 for edge, n in zip(edges, cells_of(shape, cell), strict=True)]
        z, y, x = (n * 2 if half else n for n, half in zip(cell, halved, strict=True))
        cell = (z, y, x)
        cells.append(cell)
    return cells


def cells_of(shape: Index3, cell: Index3) -> Index3:
    """How many cells (z, y, x) cover a grid; the last of an axis may be cut short."""
    z, y, x = (-(-n // edge) for n, edge in zip(shape, cell, strict=True))
    return z, y, x


def commonest(labels: Voxels, cell: Index3) -> Voxels:
    """The commonest label of each cell (z, y, x), the lowest of several; what is cut short repeats its last voxels."""
    coarse: Voxels = most_frequent(_by_cells(labels, cell)).reshape(cells_of(_grid(labels), cell))
    return coarse


def most_frequent(parts: Voxels) -> Voxels:
    """The most frequent of the values along the last axis, the lowest of several."""
    result = parts[..., 0].copy()
    mixed = np.nonzero((parts != parts[..., :1]).any(axis=-1))
    some = np.sort(parts[mixed], axis=-1)
    best, most, run = some[:, 0].copy(), np.ones(len(some), np.int64), np.ones(len(some), np.int64)
    for k in range(1, some.shape[-1]):
        run = np.where(some[:, k] == some[:, k - 1], run + 1, 1)
        better = run > most
        best[better], most[better] = some[better, k], run[better]
    result[mixed] = best
    return result


def mean_of_cells(grey: Voxels, cell: Index3) -> Voxels:
    """The mean of each cell (z, y, x), of the dtype of `grey`, whole numbers rounded; NaN does not count."""
    parts = _by_cells(grey, cell)
    if grey.dtype.kind in "iub":
        means = np.rint(parts.mean(axis=1, dtype=np.float64))
    else:
        finite = np.isfinite(parts)
        total = np.where(finite, parts, 0).sum(axis=1, dtype=np.float64)
        counts = finite.sum(axis=1)
        means = np.divide(total, counts, out=np.full(len(parts), np.nan), where=counts > 0)
    coarse: Voxels = means.astype(grey.dtype).reshape(cells_of(_grid(grey), cell))
    return coarse


def _by_cells(values: Voxels, cell: Index3) -> Voxels:
    """Voxels (cells, voxels of a cell)."""
    short = [(0, -n % edge) for n, edge in zip(values.shape, cell, strict=True)]
    if any(after for _, after in short):
        values = np.pad(values, short, mode="edge")
    (z, y, x), (cz, cy, cx) = values.shape, cell
    split = values.reshape(z // cz, cz, y // cy, cy, x // cx, cx)
    parts: Voxels = split.transpose(0, 2, 4, 1, 3, 5).reshape(-1, cz * cy * cx)
    return parts


def _grid(values: Voxels) -> Index3:
    z, y, x = values.shape
    return z, y, x
