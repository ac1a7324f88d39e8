"""Flags shared by the benchmarks of segmentations: how much work goes into each, and things named several times."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.segmentation.run_spec import RunBudget
from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.parser import Parser
from napari_hypseg.supervoxels.settings import LeafSettings
from napari_hypseg.training.settings import TrainingSettings

OUT = Path("docs/benchmarks")
ELSEWHERE = Path("benchmark_quick")
"""Where a page goes that is not for the documentation."""
QUICK_STEPS, QUICK_LEAVES = 2, 16
TRAINING, LEAVES = "training", "leaves"
OF_THE_METHOD = ("crop", "batch", "learning_rate", "mixed_precision")
"""Settings of learning that are not part of the budget."""


def add_many(parser: Parser, flag: str, metavar: str, text: str, **options: Any) -> None:
    """A flag that may be given several times."""
    parser.add_argument(
        flag, action="append", default=[], metavar=metavar, help=f"{text}; may be given several times", **options
    )


def add_run_budget(parser: Parser, minutes: float, leave_out: Sequence[str] = ()) -> None:
    """Budget, device and leaves; what they are by default is said in minutes."""
    group = parser.add_argument_group("budget")
    left_out = (*OF_THE_METHOD, *leave_out)
    add_settings(group, TRAINING, TrainingSettings, leave_out=left_out, defaults={"minutes": minutes})
    add_settings(group, LEAVES, LeafSettings)


def run_budget(arguments: argparse.Namespace, minutes: float) -> tuple[RunBudget, int]:
    """What was asked for, a little of it for ``--quick``; and the seed.

    Raises
    ------
    SettingError
        If a setting is not allowed.
    """
    learning, leafing = given(arguments, TRAINING), given(arguments, LEAVES)
    if arguments.quick:
        learning = learning if "minutes" in learning else {"steps": QUICK_STEPS, **learning}
        leafing = {"leaves": QUICK_LEAVES, **leafing}
    training = TrainingSettings.check({"minutes": minutes, **learning})
    leaves = LeafSettings.check(leafing).leaves
    return RunBudget(training.minutes, training.steps, training.device, leaves), training.seed


def typed_budget(arguments: argparse.Namespace) -> list[str]:
    """What was typed of it."""
    return [f"--{name} {value}" for owner in (TRAINING, LEAVES) for name, value in given(arguments, owner).items()]


def device_of(run_budget: RunBudget) -> str:
    """What is computed on.

    Raises
    ------
    SettingError
        If there is no such device.
    """
    from napari_hypseg.training.device import resolve_device

    return resolve_device(run_budget.device).type
