"""Where a volume varies in every direction: tissue does; walls, rods, rings and smooth objects do not.

The structure tensor is the mean of the products of the derivatives around a place (Förstner & Gülch 1987, Bigün &
Granlund 1987). At a wall it has one large eigenvalue, along a rod two, in texture three.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.methods.localizers.background_flattening import flatten, halve, without_constant
from napari_hypseg.nn.gaussian import gaussian_smooth, gradients
from napari_hypseg.volumes.coarse import CoarseVolume

Array = npt.NDArray[np.float32]
NEARBY = 0.06
"""Share of the longest axis over which grey values are flattened."""
FINE = 0.7
"""Cells of the halved grid: standard deviation of the Gaussian whose derivatives are taken."""
AROUND = 1.5
"""Cells of the halved grid: standard deviation of the window of the tensor."""
NOISE = 0.2
"""Quantile of the mean squared derivative that is noise and nothing else."""
TINY = 1e-6
"""Noise of a volume that has none, in squared standard deviations of the flattened grey values."""
WIDTHS, WINDOW = (1.0, 2.0), 3.0
"""Cells: standard deviations of two Gaussians, noise and structure being told apart by what the wider one leaves, and
of the window of the tensor."""
NONE = 1e-9
"""Squared slope of what has no structure at all."""
EXTREME = 3.0
"""Flattened grey values are cut here, so that no bright spot rules."""


def structure(volume: CoarseVolume, width: float = 1.0) -> Array:
    """Geometric mean (z, y, x) of the eigenvalues of the structure tensor on the halved grid, noise taken away.

    In units of that noise: below 1 a place varies less than noise does. Axes of a single cell are left out.

    Parameters
    ----------
    width
        How many times wider than usual the Gaussians are; wide ones see through more noise, and less sharply.
    """
    halved = halve(volume)
    flat = torch.from_numpy(without_constant(flatten(halved, NEARBY)))
    tensor = structure_tensor(gaussian_smooth(flat.clamp(-EXTREME, EXTREME), width * FINE), width * AROUND)
    power = tensor.diagonal(dim1=-2, dim2=-1).mean(-1)
    floor = max(float(np.quantile(power.numpy()[halved.valid], NOISE)), TINY)
    eigenvalues = torch.linalg.eigvalsh(tensor - floor * torch.eye(tensor.shape[-1])).clamp(min=1e-9)
    varied: Array = (eigenvalues.log().mean(-1).exp() / floor).numpy()
    return varied


def persistence(flat: Tensor) -> Array:
    """How much of the structure (z, y, x) of a flattened volume (c, z, y, x) is left when it is smoothed twice as wide.

    Of white noise 1/32 is left on average, as the squared slope falls with the fifth power of the width.
    """
    fine, wide = (_all_round(structure_tensor(gaussian_smooth(flat, width), WINDOW)) for width in WIDTHS)
    left: Array = (wide / (fine + NONE)).numpy()
    return left


def _all_round(tensor: Tensor) -> Tensor:
    """Geometric mean of the eigenvalues."""
    mean: Tensor = torch.linalg.eigvalsh(tensor).clamp(min=1e-12).log().mean(-1).exp()
    return mean


def structure_tensor(volume: Tensor, window: float) -> Tensor:
    """Sum over the channels of `volume` (c, z, y, x) of their structure tensors, (z, y, x, k, k).

    k is the number of axes with more than one cell, at least 1.
    """
    slope = gradients(volume)
    if not slope:
        return volume.new_zeros(*volume.shape[1:], 1, 1)
    products = {(a, b): gaussian_smooth(slope[a] * slope[b], window).sum(0) for a in slope for b in slope if a <= b}
    rows = [torch.stack([products[min(a, b), max(a, b)] for b in slope], -1) for a in slope]
    return torch.stack(rows, -2)
