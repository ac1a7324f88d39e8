"""Rejection sampling of many densities at once."""

from collections.abc import Callable

import torch
from torch import Tensor

# Every sampler here accepts more than half of what it proposes; only a parameter that is no number ever gets so far.
MOST_ROUNDS = 200


def first_accepted(propose: Callable[[Tensor], tuple[Tensor, Tensor]], parameters: Tensor) -> Tensor:
    """The first accepted proposal for each of `parameters`, in their shape.

    Parameters
    ----------
    propose
        From parameters (n,) to proposals (n,) and whether each is accepted, bool (n,).
    parameters
        Any shape.
    """
    flat = parameters.reshape(-1)
    drawn, left = torch.full_like(flat, torch.nan), torch.arange(len(flat), device=flat.device)
    for _ in range(MOST_ROUNDS):
        values, accepted = propose(flat[left])
        drawn[left[accepted]] = values[accepted]
        left = left[~accepted]
        if not len(left):
            break
    return drawn.reshape(parameters.shape)
