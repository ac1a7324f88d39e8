"""Terms of the training loss."""

from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold

VARIANCE_FLOOR = 1e-3
"""Added to the mean squared error before its logarithm: a noise-free volume has no noise to estimate."""


@dataclass(frozen=True)
class LossOutput:
    """The loss to minimise, a scalar, and its named parts for the person."""

    total: Tensor
    terms: dict[str, Tensor]


def gaussian_reconstruction(predicted: Tensor, target: Tensor, scored: Tensor) -> Tensor:
    """Negative log likelihood a voxel, in nats up to a constant, under the best single noise level.

    With the maximum-likelihood variance in place of a fixed one (Rybkin et al. 2021, σ-VAE, eq. 6) the balance between
    reconstruction and divergence needs no setting, whatever the noise of the volume is.

    Parameters
    ----------
    predicted, target
        (b, c, z, y, x) grey values.
    scored
        bool (b, 1, z, y, x): voxels that count.
    """
    weight = scored.expand_as(target).to(target.dtype)
    error = ((predicted - target) ** 2 * weight).sum() / weight.sum().clamp_min(1)
    return 0.5 * torch.log(error + VARIANCE_FLOOR)


def fixed_gaussian(predicted: Tensor, target: Tensor, scale: float) -> Tensor:
    """Negative log likelihood a value, in nats up to a constant, under normal noise of a standard deviation `scale`."""
    return (predicted - target).square().mean() / (2 * scale**2)


def triplet(manifold: Manifold, parent: Tensor, child: Tensor, stranger: Tensor, margin: float) -> Tensor:
    """Hierarchical triplet loss (Hsu et al. 2021, eq. 9): a part lies nearer to its whole than to another whole.

    Parameters
    ----------
    parent
        (n, d) points of wholes.
    child
        (n, d) points of parts inside them.
    stranger
        (n, m, d) points of parts elsewhere.
    margin
        Least difference of the two distances.
    """
    near = manifold.dist(parent, child)
    far = manifold.dist(parent[:, None], stranger)
    return torch.relu(near[:, None] - far + margin).mean()
