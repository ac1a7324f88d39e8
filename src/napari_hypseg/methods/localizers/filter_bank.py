"""The features of a voxel's neighbourhood: grey value, texture and shape at several scales."""

import torch
from torch import Tensor

from napari_hypseg.methods.localizers.structure_tensor import structure_tensor
from napari_hypseg.nn.gaussian import gaussian_smooth, gradients

SCALES = (0.7, 1.5, 3.0, 6.0, 12.0)
"""Cells: standard deviations of the Gaussians."""
TEXTURED = 3
"""As many of the finest scales are also described by their texture."""
TINY = 1e-4


def filter_bank(volume: Tensor) -> Tensor:
    """Features (f, z, y, x) of a flattened volume (c, z, y, x); what measures strength is a logarithm."""
    levels = [gaussian_smooth(volume, scale) for scale in SCALES]
    features = list(levels)
    for fine, coarse, scale in zip(levels[:TEXTURED], levels[1:], SCALES, strict=False):
        features += _texture(fine, fine - coarse, scale)
    return torch.cat(features)


def _texture(level: Tensor, band: Tensor, scale: float) -> list[Tensor]:
    """Energy of a band in two windows; gradient, blobness, and strength and form of the structure tensor."""
    slope = gradients(level)
    gradient = torch.stack(list(slope.values())).square().sum(0) if slope else torch.zeros_like(level)
    bends = [gradients(part).get(axis, torch.zeros_like(level)) for axis, part in slope.items()]
    blob = torch.stack(bends).sum(0) if bends else torch.zeros_like(level)
    energies = [
        torch.log(gaussian_smooth(band.square(), window) + 10 * TINY) for window in (1.5 * scale + 1, 4 * scale + 2)
    ]
    return [*energies, torch.log(gradient + TINY), blob, *_form(level, 2.5 * scale)]


def _form(level: Tensor, window: float) -> list[Tensor]:
    """Logarithm of the trace of the structure tensor; how much one direction, and how much none, stands out."""
    tensor = structure_tensor(level, window)
    trace = tensor.diagonal(dim1=-2, dim2=-1).sum(-1)
    one = tensor.square().sum((-1, -2)) / (trace.square() + TINY**2)
    least = TINY**2 * torch.eye(tensor.shape[-1], device=tensor.device)  # of the smallest numbers det is no number
    none = (27 * torch.linalg.det(tensor + least) / (trace**3 + TINY**2)).clamp(0, 1).sqrt()
    return [part[None] for part in (torch.log(trace + TINY), one, none)]
