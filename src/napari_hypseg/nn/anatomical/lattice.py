"""Every second voxel of a grid: one of eight lattices, drawn anew for each step of learning.

A step costs an eighth of what all voxels would, and over many steps every voxel counts alike.
"""

import torch
from torch import Tensor
from torch.nn import functional

from napari_hypseg.volumes.box import Index3

STEP = 2


def draw_phase(generator: torch.Generator) -> Index3:
    """The first voxel (z, y, x) of a random lattice."""
    z, y, x = torch.randint(0, STEP, (3,), generator=generator, device=generator.device).tolist()
    return z, y, x


def at_phase(full: Tensor, phase: Index3) -> Tensor:
    """Every second voxel of `full` (…, z, y, x) from `phase` on."""
    z, y, x = phase
    return full[..., z::STEP, y::STEP, x::STEP]


def lattice_voxels(shape: Index3, phase: Index3, step: int = STEP, device: torch.device | None = None) -> Tensor:
    """Indices (z, y, x, 3), zyx, float32, of every `step`-th voxel of a grid of `shape` from `phase` on."""
    sides = zip(phase, shape, strict=True)
    axes = [torch.arange(first, n, step, device=device, dtype=torch.float32) for first, n in sides]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)


def to_places(voxels: Tensor, shape: Index3) -> Tensor:
    """Places (…, 3), xyz, −1 to 1 over the extent of a grid of `shape`, of fractional voxels (…, 3), zyx."""
    n = torch.tensor(shape, dtype=torch.float32, device=voxels.device)
    return ((2 * voxels + 1) / n - 1).flip(-1)


def sample_at_places(field: Tensor, places: Tensor) -> Tensor:
    """Linear interpolation (b, c, z, y, x) of a field (b, c, …) at places (b, z, y, x, 3), as of `to_places`."""
    return functional.grid_sample(field, places, mode="bilinear", padding_mode="border", align_corners=False)
