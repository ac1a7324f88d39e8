"""Order among slices: the pairwise margin ranking loss and the mean displacement."""

import torch
from torch import Tensor
from torch.nn import functional as F


def ranking_loss(scores: Tensor, margin: float) -> Tensor:
    """Mean over all pairs *i* < *j* of ``max(0, margin - (scores[j] - scores[i]))`` (Sculley 2009).

    Parameters
    ----------
    scores
        One number for each slice (n,), n ≥ 2, slices in their true order.
    margin
        Distance at which a pair counts as told apart; it keeps the scores from collapsing.
    """
    above = torch.triu(torch.ones(len(scores), len(scores), dtype=torch.bool, device=scores.device), diagonal=1)
    return F.relu(margin - (scores[None, :] - scores[:, None])[above]).mean()


def mean_displacement(scores: Tensor) -> float:
    """Mean distance between where scores put slices and where they are: 0 for the right order, about n/3 by chance."""
    places = scores.argsort().argsort()
    return float((places - torch.arange(len(scores), device=scores.device)).abs().float().mean())
