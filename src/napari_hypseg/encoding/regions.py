"""Small regions of a volume between its edges: the valleys that water would find on the strength of the edges.

Where neighbouring voxels belong together is told by the volume itself, more surely than by what was learned, which has
seen the surroundings of a voxel and is blurred by them.
"""

import torch
from torch import Tensor

from napari_hypseg.nn.gaussian import smooth
from napari_hypseg.volumes.volume import Vector3, proportions

FLAT = 2.5
"""Times the finest voxel edge: along an axis as coarse as this, neighbours say little about each other."""
EDGE_SCALE = 0.6
"""What the strength is smoothed by, relative to the grey values: noise must not cut regions to single voxels."""
MARGIN = 16
"""Voxels along every followed axis that a block needs around its core for the regions of the whole volume.

The strength of an edge looks 8 voxels around at most; the rest is for the way from a voxel to its root.
"""

Axes = tuple[bool, bool, bool]


def followed_axes(voxel_size: Vector3) -> Axes:
    """Along which of (z, y, x) regions extend; along the others they are one voxel thick."""
    z, y, x = (edge < FLAT for edge in proportions(voxel_size))
    return z, y, x


@torch.no_grad()
def edge_strength(x: Tensor, voxel_size: Vector3, scale: float) -> Tensor:
    """How steep the smoothed grey values are: float (z, y, x) >= 0, per finest voxel edge, all channels together.

    Parameters
    ----------
    x
        float (c, z, y, x), standardised grey values.
    voxel_size
        Edge lengths (z, y, x) of a voxel; only their proportions matter.
    scale
        Finest voxel edges: what the grey values are smoothed by before their slope is taken.
    """
    edges = proportions(voxel_size)
    axes = [axis for axis in range(3) if edges[axis] < FLAT and x.shape[axis + 1] > 1]
    grey = smooth(x, _widths(scale, voxel_size))
    squares = torch.zeros_like(grey[0])
    for axis in axes:
        for channel in grey:
            squares += torch.gradient(channel, spacing=edges[axis], dim=axis)[0].square()
    return smooth(squares.sqrt_()[None], _widths(EDGE_SCALE * scale, voxel_size))[0]


def _widths(scale: float, voxel_size: Vector3) -> Vector3:
    """Standard deviations in voxels (z, y, x); 0 along axes that are not followed: no margin is needed there."""
    z, y, x = (scale / edge if edge < FLAT else 0.0 for edge in proportions(voxel_size))
    return z, y, x


@torch.no_grad()
def roots(strength: Tensor, axes: Axes) -> Tensor:
    """The lowest voxel that each voxel comes to if it goes on to its lowest neighbour: int64 (z, y, x), flat indices.

    Voxels of one root are a region: a catchment basin (Vincent and Soille 1991), found by steepest descent over the 26
    neighbours, or those of them that lie along followed axes. Of equally low voxels the first is the lower one, so
    that a flat valley is one region.

    Parameters
    ----------
    strength
        (z, y, x), on any device.
    axes
        As from `followed_axes`.
    """
    lowest, at = strength, torch.arange(strength.numel(), device=strength.device).view(strength.shape)
    for axis in (axis for axis in (2, 1, 0) if axes[axis]):
        lowest, at = _lowest_along(lowest, at, axis)
    root = at.reshape(-1)
    # Every voxel looks twice as far in each round.
    while not torch.equal(further := root[root], root):
        root = further
    return root.view(strength.shape)


def _lowest_along(lowest: Tensor, at: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Of each voxel and its two neighbours along `axis`, the lowest strength and where it is; the first among equals.

    Strictly in the order of strength and index after all axes (x first, z last), so that no way leads in a circle.
    """
    n = lowest.shape[axis]
    found, place = lowest.clone(), at.clone()
    for start, neighbours in ((1, slice(0, n - 1)), (0, slice(1, n))):
        here = (slice(None),) * axis + (slice(start, start + n - 1),)
        there = (slice(None),) * axis + (neighbours,)
        better = lowest[there] <= found[here] if start else lowest[there] < found[here]
        found[here] = torch.where(better, lowest[there], found[here])
        place[here] = torch.where(better, at[there], place[here])
    return found, place
