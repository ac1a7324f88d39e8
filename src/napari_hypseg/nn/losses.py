"""Terms of the training losses."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.geometry.manifolds.manifold import Manifold

VARIANCE_FLOOR = 1e-3
"""Added to the mean squared error before its logarithm: a noise-free volume has no noise to estimate."""


@dataclass(frozen=True)
class LossOutput:
    """The loss to minimise, a scalar, and its named terms for display."""

    total: Tensor
    terms: dict[str, Tensor]


def optimal_variance_nll(predicted: Tensor, target: Tensor, scored: Tensor) -> Tensor:
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


def fixed_variance_nll(predicted: Tensor, target: Tensor, scale: float) -> Tensor:
    """Negative log likelihood a value, in nats up to a constant, under normal noise of a standard deviation `scale`."""
    return (predicted - target).square().mean() / (2 * scale**2)


def triplet_loss(manifold: Manifold, parent: Tensor, child: Tensor, negative: Tensor, margin: float) -> Tensor:
    """Hierarchical triplet loss (Hsu et al. 2021, eq. 9): a part is closer to its whole than parts elsewhere are.

    Parameters
    ----------
    parent
        (n, d) points of wholes.
    child
        (n, d) points of parts inside them.
    negative
        (n, m, d) points of parts elsewhere.
    margin
        Least difference of the two distances.
    """
    near = manifold.dist(parent, child)
    far = manifold.dist(parent[:, None], negative)
    return torch.relu(near[:, None] - far + margin).mean()


def ranking_loss(scores: Tensor, margin: float) -> Tensor:
    """Mean over all pairs *i* < *j* of ``max(0, margin - (scores[j] - scores[i]))`` (Sculley 2009).

    Parameters
    ----------
    scores
        One number for each slice (n,), n ≥ 2, slices in their true order.
    margin
        Distance at which a pair counts as separated; it keeps the scores from collapsing.
    """
    above = torch.triu(torch.ones(len(scores), len(scores), dtype=torch.bool, device=scores.device), diagonal=1)
    return F.relu(margin - (scores[None, :] - scores[:, None])[above]).mean()


def mean_displacement(scores: Tensor) -> float:
    """Mean distance between where scores put slices and where they are: 0 for the right order, about n/3 by chance."""
    places = scores.argsort().argsort()
    return float((places - torch.arange(len(scores), device=scores.device)).abs().float().mean())
