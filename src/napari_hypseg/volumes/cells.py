"""Coarser grids whose cells are two voxels along each fine axis: means of grey values, the commonest of labels."""

from itertools import combinations
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


def cell_between(shape: Index3, coarse: Index3) -> Index3:
    """Voxels (z, y, x) of a cell, each a power of two, of which a grid of `shape` has as many as `coarse` says."""
    z, y, x = (_doubled(n, cells) for n, cells in zip(shape, coarse, strict=True))
    return z, y, x


def _doubled(n: int, cells: int) -> int:
    edge = 1
    while -(-n // edge) > cells:
        edge *= 2
    return edge


def commonest(labels: Voxels, cell: Index3) -> Voxels:
    """The commonest label of each cell (z, y, x), the lowest of several; what is cut short repeats its last voxels.

    Each voxel of a cell is compared with each other one, for all cells at once: fast for cells of eight voxels.
    """
    whole = _whole_cells(labels, cell)
    views = [whole[z :: cell[0], y :: cell[1], x :: cell[2]] for z, y, x in np.ndindex(cell)]
    coarse: Voxels = views[0].copy()
    mixed = np.zeros(coarse.shape, dtype=bool)
    for view in views[1:]:
        mixed |= view != coarse
    voxels = [view[mixed] for view in views]
    counts = [np.ones(len(one), dtype=np.int32) for one in voxels]
    for a, b in combinations(range(len(voxels)), 2):
        same = voxels[a] == voxels[b]
        counts[a] += same
        counts[b] += same
    best, most = voxels[0], counts[0]
    for one, count in zip(voxels[1:], counts[1:], strict=True):
        better = (count > most) | ((count == most) & (one < best))
        np.copyto(best, one, where=better)
        np.copyto(most, count, where=better)
    coarse[mixed] = best
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
    values = _whole_cells(values, cell)
    (z, y, x), (cz, cy, cx) = values.shape, cell
    split = values.reshape(z // cz, cz, y // cy, cy, x // cx, cx)
    parts: Voxels = split.transpose(0, 2, 4, 1, 3, 5).reshape(-1, cz * cy * cx)
    return parts


def _whole_cells(values: Voxels, cell: Index3) -> Voxels:
    """The voxels, with the last ones repeated up to the end of a cell."""
    short = [(0, -n % edge) for n, edge in zip(values.shape, cell, strict=True)]
    return np.pad(values, short, mode="edge") if any(after for _, after in short) else values


def _grid(values: Voxels) -> Index3:
    z, y, x = values.shape
    return z, y, x
