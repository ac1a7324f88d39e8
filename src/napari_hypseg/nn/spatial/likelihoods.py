"""Distributions of a value given the generator's outputs (Bepler et al., section 2.1)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

LEAST_SCALE = 0.05
"""Smallest standard deviation of a standardised value: one without noise would weigh more than all others."""


@dataclass(frozen=True)
class Likelihood:
    """Distribution of values.

    Parameters
    ----------
    n_outputs
        Numbers the generator gives for a value.
    log_prob
        From these (…, n_outputs) and values (…) to log-densities (…).
    mean
        From these to the values (…) to be expected.
    """

    n_outputs: int
    log_prob: Callable[[Tensor, Tensor], Tensor]
    mean: Callable[[Tensor], Tensor]


def _normal_log_prob(outputs: Tensor, values: Tensor) -> Tensor:
    scale = LEAST_SCALE + F.softplus(outputs[..., 1])
    return -0.5 * ((values - outputs[..., 0]) / scale).square() - scale.log() - 0.5 * math.log(2 * math.pi)


def _bernoulli_log_prob(outputs: Tensor, values: Tensor) -> Tensor:
    return -F.binary_cross_entropy_with_logits(outputs[..., 0], values, reduction="none")


LIKELIHOODS: Mapping[str, Likelihood] = {
    "normal": Likelihood(2, _normal_log_prob, lambda outputs: outputs[..., 0]),
    "bernoulli": Likelihood(1, _bernoulli_log_prob, lambda outputs: outputs[..., 0].sigmoid()),
}
"""By name in the settings: grey values with a mean and a standard deviation, and values that are 0 or 1."""
