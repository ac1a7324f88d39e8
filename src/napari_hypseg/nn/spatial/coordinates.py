"""Coordinates of the pixels of an image or of the voxels of a box, with the origin at the centre."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def pixel_coordinates(shape: Sequence[int]) -> Tensor:
    """Coordinates (n, d) of the pixels of a grid of `shape`, first axis first, in [−1, 1] (Bepler et al., section 4.1).

    The first pixel of an axis lies at −1 and the last at 1; an axis of one pixel lies at 0.
    """
    axes = [torch.linspace(-1, 1, n) if n > 1 else torch.zeros(1) for n in shape]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).flatten(0, -2)


def sample_at(images: Tensor, coordinates: Tensor) -> Tensor:
    """Values (b, n) of `images` (b, *shape) at `coordinates` (b, n, d), linearly interpolated; 0 outside."""
    dims = images.ndim - 1
    # grid_sample names the last axis first.
    grid = coordinates.flip(-1).view(len(images), coordinates.shape[1], *(1,) * (dims - 1), dims)
    values = F.grid_sample(images[:, None], grid, padding_mode="zeros", align_corners=True)
    return values.flatten(1)
