"""Smooth random deformations of label maps: few specimens stand for many."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from napari_hypseg.nn.anatomical.lattice import lattice_voxels
from napari_hypseg.volumes.box import Index3

LEVELS: tuple[tuple[int, float], ...] = ((3, 1.0), (6, 0.7), (12, 0.35))
"""Control points along the longest edge, and their share of the displacement: neighbours move together."""


@dataclass(frozen=True)
class DeformationScale:
    """How much label maps are deformed.

    Parameters
    ----------
    shift
        Standard deviation of a displacement, relative to the longest edge of the grid.
    linear
        Standard deviation of each entry of the linear part (rotation, scale and shear).
    """

    shift: float
    linear: float


def deform(labels: Tensor, scale: DeformationScale, generator: torch.Generator, phase: Index3) -> Tensor:
    """Every second voxel, from `phase` on, of a random deformation of a label map (z, y, x), uint8.

    An affine map and displacements of control points, interpolated linearly between them. Every voxel takes the label
    of where it comes from; from outside comes the background.
    """
    device, (z, y, x) = labels.device, labels.shape
    shape = torch.tensor([z, y, x], dtype=torch.float32, device=device)
    middle, longest = (shape - 1) / 2, shape.max()
    voxels = lattice_voxels((z, y, x), phase, device=device) - middle
    linear = torch.eye(3, device=device) + scale.linear * _normal((3, 3), generator)
    moved = voxels @ linear.T + scale.shift * longest * _normal((3,), generator)
    moved += scale.shift * longest * _displacements(moved.shape[:3], generator)
    places = (moved / middle.clamp_min(0.5)).flip(-1)
    found = functional.grid_sample(labels[None, None].float(), places[None], mode="nearest", align_corners=True)
    return found[0, 0].to(labels.dtype)


def _displacements(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Smooth displacements (z, y, x, 3) with a standard deviation near 1."""
    total = torch.zeros(1, 3, *shape, device=generator.device)
    for points, share in LEVELS:
        control = [max(2, round(points * n / max(shape))) + 1 for n in shape]
        noise = share * _normal((1, 3, *control), generator)
        total += functional.interpolate(noise, size=list(shape), mode="trilinear", align_corners=True)
    return total[0].movedim(0, -1)


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, device=generator.device)
