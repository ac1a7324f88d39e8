"""Blind-spot masking: voxels are replaced by a neighbour's value, and the network predicts the true one.

Independent noise cannot be predicted from the neighbours but structure can, so that a network trained this way learns
to denoise without clean volumes (Krull et al. 2019).
"""

import torch
from torch import Tensor

from napari_hypseg.volumes.box import Index3

MAX_OFFSET = 2
"""Largest offset, in voxels, of the neighbour a hidden voxel is replaced with."""


def mask_voxels(x: Tensor, margin: Index3, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Replace a random `share` of the voxels of the core of `x` by a neighbour's value.

    Parameters
    ----------
    x
        (b, c, z, y, x) grey values.
    margin
        Voxels (z, y, x) around the core, which stay as they are; at least `MAX_OFFSET` or 0.
    share
        Share of hidden voxels in (0, 1).
    generator
        Source of randomness on the device of `x`.

    Returns
    -------
    corrupted, hidden
        A copy of `x`, and bool (b, 1, …) over the core.
    """
    core = (slice(None), slice(None), *(slice(m, n - m) for m, n in zip(margin, x.shape[2:], strict=True)))
    inner = x[core]
    hidden = torch.rand((inner.shape[0], 1, *inner.shape[2:]), generator=generator, device=x.device) < share
    offset = torch.randint(1, 2 * MAX_OFFSET + 1, (3,), generator=generator, device=x.device) - MAX_OFFSET
    # An offset of 0 along every axis would hide nothing: the draw excludes −REACH, so shift 0 to it along one axis.
    shifts = [int(o) or -MAX_OFFSET if axis == 2 else int(o) for axis, o in enumerate(offset.tolist())]
    corrupted = x.clone()
    corrupted[core] = torch.where(hidden, torch.roll(inner, shifts, dims=(2, 3, 4)), inner)
    return corrupted, hidden
