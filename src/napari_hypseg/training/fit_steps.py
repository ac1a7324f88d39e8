"""Training for a fixed number of steps without checkpoints, as the localizers do."""

import math
import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Command, Job, Progress

CLIP = 5.0
"""Largest gradient norm of a step."""
MAX_BAD_STEPS = 10
"""Steps with a loss that is no number before training is given up."""
MOMENTUM = 0.95
"""How much the running mean of a metric keeps of itself at each step."""

Step = Callable[[], tuple[Tensor, Mapping[str, float]]]


def fit_steps(modules: nn.Module, step: Step, steps: int, rate: float, stage: str = "learn") -> Job[dict[str, float]]:
    """Train `modules` in place for `steps` steps or until `Command.STOP` is sent; gives running means of the metrics.

    Parameters
    ----------
    step
        Draws a batch and gives its loss and metrics.
    rate
        Highest learning rate; it rises over the first third and falls to nothing at the end.

    Raises
    ------
    HypsegError
        If the loss is no number again and again.
    """
    modules.train()
    optimiser = torch.optim.AdamW(modules.parameters(), lr=rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    means: dict[str, float] = {}
    bad, began = 0, time.monotonic()
    for done in range(steps):
        loss, metrics = step()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = float(nn.utils.clip_grad_norm_(modules.parameters(), CLIP))
        if math.isfinite(norm):
            optimiser.step()
            schedule.step()
        else:
            bad += 1
        if bad > MAX_BAD_STEPS:
            raise HypsegError("Learning what the sample is did not settle; check the volume for extreme values.")
        _follow(means, {"loss": float(loss.detach()), **metrics})
        left = (time.monotonic() - began) / (done + 1) * (steps - done - 1)
        if (yield Progress(stage, done + 1, steps, dict(means), left)) is Command.STOP:
            break
    modules.eval()
    return means


def _follow(means: dict[str, float], metrics: Mapping[str, float]) -> None:
    for name, value in metrics.items():
        if math.isfinite(value):
            means[name] = MOMENTUM * means.get(name, value) + (1 - MOMENTUM) * value
