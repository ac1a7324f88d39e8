"""Watershed of the edge strength: every voxel descends to a local minimum, and voxels with one minimum are a basin.

Boundaries come from the grey values themselves. Latent points are blurred by the receptive field of the model and
locate an edge less precisely.
"""

import torch
from torch import Tensor

from napari_hypseg.nn.gaussian import central_difference, gaussian_smooth
from napari_hypseg.volumes.volume import Vector3, relative_edges

MAX_ANISOTROPY = 2.5
"""Times the finest voxel edge: along an axis as coarse as this, neighbouring voxels are not connected."""
EDGE_SCALE = 0.6
"""Standard deviation of the smoothing of the edge strength, relative to that of the grey values.

Without it noise would cut basins down to single voxels.
"""
MARGIN = 16
"""Voxels along every connected axis that a block needs around its core to have the basins of the whole volume.

The edge strength depends on at most 8 voxels around; the rest is for the descent from a voxel to its minimum.
"""

LOWER_HALF = 2**32 - 1

Axes = tuple[bool, bool, bool]


def connected_axes(voxel_size: Vector3) -> Axes:
    """Along which of (z, y, x) basins extend; along the others they are one voxel thick."""
    z, y, x = (edge < MAX_ANISOTROPY for edge in relative_edges(voxel_size))
    return z, y, x


@torch.no_grad()
def edge_strength(x: Tensor, voxel_size: Vector3, scale: float) -> Tensor:
    """Gradient magnitude of the smoothed grey values: float (z, y, x) >= 0, per finest voxel edge, over all channels.

    Parameters
    ----------
    x
        float (c, z, y, x), standardised grey values.
    voxel_size
        Edge lengths (z, y, x) of a voxel; only their ratios matter.
    scale
        Standard deviation of the Gaussian applied before the gradient, in finest voxel edges.
    """
    edges = relative_edges(voxel_size)
    axes = [axis for axis in range(3) if edges[axis] < MAX_ANISOTROPY and x.shape[axis + 1] > 1]
    grey = gaussian_smooth(x, _widths(scale, voxel_size))
    squares = torch.zeros_like(grey[0])
    for axis in axes:
        for channel in grey:
            slope = central_difference(channel, axis)
            squares.addcmul_(slope, slope, value=edges[axis] ** -2)
    return gaussian_smooth(squares.sqrt_()[None], _widths(EDGE_SCALE * scale, voxel_size))[0]


def _widths(scale: float, voxel_size: Vector3) -> Vector3:
    """Standard deviations in voxels (z, y, x); 0 along axes that are not connected, which then need no margin."""
    z, y, x = (scale / edge if edge < MAX_ANISOTROPY else 0.0 for edge in relative_edges(voxel_size))
    return z, y, x


@torch.no_grad()
def basins(strength: Tensor, axes: Axes) -> Tensor:
    """The local minimum that steepest descent from each voxel ends in: int32 (z, y, x), flat indices.

    Voxels with one minimum are a catchment basin (Vincent and Soille 1991). The descent is over the 26 neighbours, or
    those of them along connected axes. Of equally low voxels that with the lower index is taken for the lower, so that
    a plateau is one basin.

    Parameters
    ----------
    strength
        float32 (z, y, x) >= 0, below 2³¹ voxels, on any device.
    axes
        As from `connected_axes`.
    """
    lowest = _ordered(strength)
    for axis in (axis for axis in (2, 1, 0) if axes[axis]):
        lowest = _lowest_along(lowest, axis)
    minimum = (lowest.view(-1) & LOWER_HALF).to(torch.int32)
    # Pointer doubling: the pointer of every voxel reaches twice as far in each round.
    while not torch.equal(further := minimum.index_select(0, minimum), minimum):
        minimum = further
    return minimum.view(strength.shape)


def _ordered(strength: Tensor) -> Tensor:
    """int64 (z, y, x) in the order of strength and then index: the bits of one above those of the other.

    The bits of floating-point numbers that are not negative are in the order of the numbers.
    """
    index = torch.arange(strength.numel(), device=strength.device).view(strength.shape)
    return (strength.contiguous().view(torch.int32).to(torch.int64) << 32).bitwise_or_(index)


def _lowest_along(values: Tensor, axis: int) -> Tensor:
    """The least of each voxel and its two neighbours along `axis`."""
    n = values.shape[axis]
    lowest = values.clone()
    for here, there in ((1, 0), (0, 1)):
        inner = lowest.narrow(axis, here, n - 1)
        torch.minimum(inner, values.narrow(axis, there, n - 1), out=inner)
    return lowest
