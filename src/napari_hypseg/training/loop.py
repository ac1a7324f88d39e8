"""The training loop: a generator that trains within a budget, writes checkpoints and recovers from divergence."""

import logging
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Command, Job, Notice, Progress
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.nn.model import TrainableModel
from napari_hypseg.training.budget import Budget
from napari_hypseg.training.device import is_out_of_memory
from napari_hypseg.training.divergence import DivergenceDetector
from napari_hypseg.training.sampler import Sampler
from napari_hypseg.training.settings import TrainingSettings

log = logging.getLogger(__name__)

KEEP_EVERY = 10.0
"""Seconds between checkpoints."""
MAX_ROLLBACKS = 6
WARMUP_FRACTION = 0.05
"""Share of the budget over which the learning rate rises."""
FINAL_RATE = 0.05
"""Learning rate at the end, relative to its highest."""

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class TrainingState:
    """Where training stands: what a checkpoint is made of.

    Parameters
    ----------
    weights
        Copy of the model's state on the CPU.
    step, seconds, loss
        Steps taken, seconds worked, loss of the last good step.
    """

    weights: Weights
    step: int
    seconds: float
    loss: float


def train(
    model: TrainableModel,
    sampler: Sampler,
    settings: TrainingSettings,
    device: torch.device,
    keep: Callable[[TrainingState], None],
) -> Job[TrainingState]:
    """Train `model` in place until the budget is spent or `Command.STOP` is sent.

    Yields `Progress` between the pieces of a step and a `Notice` for every mishap that was mended. `keep` receives a
    state every ten seconds, at the end, and when the job is cancelled, but none before the first step.

    Raises
    ------
    HypsegError
        If the loss stays bad after several roll-backs, or memory does not suffice even for the smallest crop.
    """
    trainer = _Trainer(model, sampler, settings, device)
    kept_at = 0.0
    try:
        while trainer.budget.fraction < 1:
            command = yield from trainer.step()
            if trainer.budget.seconds - kept_at > KEEP_EVERY:
                kept_at = trainer.budget.seconds
                trainer.good = trainer.state()
                keep(trainer.good)
            if command is Command.STOP:
                break
    finally:
        if trainer.budget.step:  # nothing learned must not replace what an earlier run has learned
            keep(trainer.final())
    return trainer.final()


class _Trainer:
    """Optimiser, guard and budget of one run."""

    def __init__(
        self, model: TrainableModel, sampler: Sampler, settings: TrainingSettings, device: torch.device
    ) -> None:
        self.model, self.sampler, self.settings, self.device = model, sampler, settings, device
        self.budget = Budget(settings.minutes, settings.steps)
        self.guard = DivergenceDetector()
        self.rate = settings.learning_rate
        self.stacked = min(model.cpu_batch, settings.batch) if device.type == "cpu" else settings.batch
        self.rollbacks = 0
        self.loss = math.nan
        self._start()
        self.good = self.state()

    def _start(self) -> None:
        self.model.to(self.device).train()
        self.model.mixed_precision = self.settings.mixed_precision and self.device.type == "cuda"
        self.optimiser = self.model.optimiser(self.rate)
        self.generator = torch.Generator(self.device).manual_seed(self.settings.seed + self.budget.step)

    def step(self) -> Generator[Any, Command | None, Command | None]:
        """One optimiser step, in as many pieces as memory and responsiveness ask for."""
        self.budget.work()
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * group.get("rate_share", 1.0) * _schedule(self.budget.fraction)
        self.optimiser.zero_grad(set_to_none=True)
        command: Command | None = None
        losses: list[LossOutput] = []
        while len(losses) * self.stacked < self.settings.batch:
            try:
                losses.append(self._forward())
                command = (yield from self._report(losses)) or command
                (losses[-1].total / -(-self.settings.batch // self.stacked)).backward()
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                losses.clear()
                command = (yield self._shrink()) or command
                continue
            command = (yield from self._report(losses)) or command
        self.budget.step += 1
        mishap = self._update(losses)
        if mishap is not None:
            command = (yield mishap) or command
        self.budget.rest()
        return command

    def _forward(self) -> LossOutput:
        crops = torch.from_numpy(self.sampler.draw(self.stacked)).to(self.device)
        return self.model.loss(crops, self.generator)

    def _report(self, losses: list[LossOutput]) -> Generator[Progress, Command | None, Command | None]:
        position, end = self.budget.position
        metrics = {name: float(term.detach()) for name, term in losses[-1].terms.items()}
        metrics["loss"] = float(losses[-1].total.detach())
        progress = Progress("learn", position, end, metrics, self.budget.seconds_left)
        self.budget.rest()
        command = yield progress
        self.budget.work()
        return command

    def _update(self, losses: list[LossOutput]) -> Notice | None:
        loss = float(torch.stack([output.total.detach() for output in losses]).mean())
        norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.model.clip))
        if self.guard.has_diverged(loss) or not math.isfinite(norm):
            return self._roll_back()
        self.loss = loss
        self.optimiser.step()
        return None

    def _roll_back(self) -> Notice:
        self.rollbacks += 1
        self.model.load_state_dict(self.good.weights)
        if self.rollbacks > MAX_ROLLBACKS:
            raise HypsegError(
                f"Learning stayed unstable down to a rate of {self.rate:.1g}; lower the learning rate setting or check "
                "the volume for extreme values. The last good checkpoint is kept."
            )
        self.rate *= 0.3
        self._start()
        self.guard.reset()
        log.warning("rolled back to step %d", self.good.step)
        return Notice(
            f"Learning became unstable at step {self.budget.step}; it went back to step {self.good.step} and goes on "
            f"at a rate of {self.rate:.1g}."
        )

    def _shrink(self) -> Notice:
        """Ask for less memory: fewer crops at a time, then smaller ones, then the processor."""
        self.optimiser.zero_grad(set_to_none=True)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if self.stacked > 1:
            self.stacked = self.stacked // 2
            examples = f"{self.stacked} {self.sampler.examples}"
            return Notice(f"The device ran out of memory; learning goes on with {examples} at a time.")
        shrunk = self.sampler.shrink()
        if shrunk:
            return Notice(f"The device ran out of memory; learning goes on with {shrunk}.")
        if self.device.type == "cpu":
            raise HypsegError(
                f"There is not enough memory to learn even from single {self.sampler.examples}; close other programs."
            )
        self.device = torch.device("cpu")
        self.stacked = min(self.model.cpu_batch, self.settings.batch)
        self._start()
        return Notice("The device ran out of memory; learning goes on, more slowly, on the processor.")

    def state(self) -> TrainingState:
        """A copy of where training stands."""
        weights = {name: tensor.detach().to("cpu", copy=True) for name, tensor in self.model.state_dict().items()}
        return TrainingState(weights, self.budget.step, self.budget.seconds, self.loss)

    def final(self) -> TrainingState:
        """Where training ends: the present weights unless they are broken, then the last good ones."""
        state = self.state()
        healthy = all(bool(torch.isfinite(tensor).all()) for tensor in state.weights.values())
        return state if healthy else replace(self.good, seconds=state.seconds)


def _schedule(fraction: float) -> float:
    """Relative learning rate: a short rise, then half a cosine down to `FINAL_RATE`."""
    if fraction < WARMUP_FRACTION:
        return 0.1 + 0.9 * fraction / WARMUP_FRACTION
    done = (fraction - WARMUP_FRACTION) / (1 - WARMUP_FRACTION)
    return FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * done))
