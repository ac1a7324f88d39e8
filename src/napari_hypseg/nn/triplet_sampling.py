"""Sampling of parents, positive children and negatives of the triplet loss from the dense embedding of crops.

A cell of a coarse level serves as a parent and the voxels inside it as its children, so that nothing is encoded anew.
"""

import torch
from torch import Tensor

from napari_hypseg.volumes.box import Index3

PARENTS = 256
NEGATIVES = 8


def sample_triplets(
    parents: Tensor, points: Tensor, stride: Index3, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor] | None:
    """Draw parents, a child inside each and negatives elsewhere.

    Parameters
    ----------
    parents
        (b, z', y', x', d) points of the cells of a coarse level.
    points
        (b, z, y, x, d) points of the voxels of the same cores.
    stride
        Cell size (z, y, x) in voxels.
    generator
        Source of randomness on the device of the points.

    Returns
    -------
    (n, d) parents, (n, d) children, (n, m, d) negatives, or None where the crop is no larger than a cell. At least
    one cell lies between a negative and its parent where an axis has four cells or more.
    """
    batch, *cells, d = parents.shape
    grid = points.shape[1:4]
    if max(cells) < 3:
        return None
    size = torch.tensor(cells, device=points.device)
    step = torch.tensor(stride, device=points.device)
    crop = _draw(batch, (PARENTS,), generator, points.device)
    cell = torch.stack([_draw(n, (PARENTS,), generator, points.device) for n in cells], dim=-1)
    child = cell * step + torch.stack([_draw(s, (PARENTS,), generator, points.device) for s in stride], dim=-1)
    away = _draw_away(cell, size, generator)
    negative = away * step + torch.stack([_draw(s, away.shape[:-1], generator, points.device) for s in stride], dim=-1)
    flat_points, flat_parents = points.reshape(-1, d), parents.reshape(-1, d)
    return (
        flat_parents[_flat(crop, cell, cells)],
        flat_points[_flat(crop, child, list(grid))],
        flat_points[_flat(crop[:, None].expand(-1, NEGATIVES), negative, list(grid))],
    )


def _draw(high: int, shape: tuple[int, ...], generator: torch.Generator, device: torch.device) -> Tensor:
    return torch.randint(high, shape, generator=generator, device=device)


def _draw_away(cell: Tensor, size: Tensor, generator: torch.Generator) -> Tensor:
    """Cells (n, STRANGERS, 3) that are neither `cell` (n, 3) nor its neighbour along the grid's longest axis."""
    shape = (len(cell), NEGATIVES, 3)
    drawn = (torch.rand(shape, generator=generator, device=cell.device) * size).long()
    longest = int(size.argmax())
    n = int(size[longest])
    # Distance along the longest axis, cyclic, drawn from 2 … n−2 where the axis allows it.
    span = max(1, n - 3)
    jump = 2 + (torch.rand(shape[:2], generator=generator, device=cell.device) * span).long()
    moved = (cell[:, None, longest] + jump) % n
    close = (drawn - cell[:, None]).abs().amax(dim=-1) < 2
    drawn[..., longest] = torch.where(close, moved, drawn[..., longest])
    return drawn


def _flat(crop: Tensor, index: Tensor, shape: list[int]) -> Tensor:
    z, y, x = index.unbind(-1)
    return ((crop * shape[0] + z) * shape[1] + y) * shape[2] + x
