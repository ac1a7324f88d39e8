"""A bias field on the grid of a prior, and grey values without it."""

import torch
from torch import Tensor, nn

from napari_hypseg.nn.anatomical.lattice import sample_at_places, to_places
from napari_hypseg.volumes.box import Index3


class BiasField(nn.Module):
    """Standardised grey values divided by what a scanner multiplied them by.

    Parameters
    ----------
    n_channels
        Of the image.
    shape
        Grid (z, y, x).
    """

    log_gain: Tensor
    zero: Tensor

    def __init__(self, n_channels: int, shape: Index3) -> None:
        super().__init__()
        self.register_buffer("log_gain", torch.zeros(n_channels, *shape))
        self.register_buffer("zero", torch.zeros(n_channels))

    @torch.no_grad()
    def place(self, log_gain: Tensor, zero: Tensor) -> None:
        """Take the logarithm (c, z, y, x) of the field, and what a grey value of 0 (c,) is when standardised."""
        self.log_gain.copy_(log_gain)
        self.zero.copy_(zero)

    def correct(self, grey: Tensor, voxels: Tensor) -> Tensor:
        """Standardised grey values (c, z, y, x) at fractional voxels (z, y, x, 3), zyx, of the grid, without it."""
        _, z, y, x = self.log_gain.shape
        log_gain = sample_at_places(self.log_gain[None], to_places(voxels, (z, y, x))[None])[0]
        zero = self.zero[:, None, None, None]
        return (grey - zero) * (-log_gain).exp() + zero
