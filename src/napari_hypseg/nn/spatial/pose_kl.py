"""Kullback-Leibler divergences of the posteriors of pose, which are normal."""

from torch import Tensor


def normal_kl(loc: Tensor, scale: Tensor, prior_scale: float) -> Tensor:
    """KL(N(loc, scale²) ‖ N(0, prior_scale²)) (…), summed over the last axis of `loc` and `scale` (…, n)."""
    return mean_free_kl(scale, prior_scale) + 0.5 * (loc / prior_scale).square().sum(-1)


def mean_free_kl(scale: Tensor, prior_scale: float) -> Tensor:
    """Eq. 3 of Bepler et al.: `normal_kl` without the mean, which a uniform prior does not pull at.

    D = −log σ + log s + σ²/(2 s²) − ½, summed over the last axis of σ = `scale` (…, n), with s = `prior_scale`.
    """
    ratio = scale / prior_scale
    return (-ratio.log() + 0.5 * ratio.square() - 0.5).sum(-1)
