"""`python -m benchmarks prior`: an anatomical prior of two brains on a third one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.example_data import DATA, add_data, data_folder
from benchmarks.prior.measure import VARIANTS, PriorPlan, label_volume
from benchmarks.prior.page import PAGE, RECORDS, TEMPLATE, prior_sections
from benchmarks.prior.records import PRIOR_STORE, PriorRecord
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from benchmarks.segmentation.flags import OUT, add_many
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.errors import InputError

DESCRIPTION = f"""\
Learn a prior from the label maps of two brains, segment the T1 image of a third one with it, and compare with the
labels of that; the same with parts of the method left out, and with each map alone brought there by the same alignment.
Records are kept in {RECORDS} beside the page."""
EPILOG = """\
examples:
  python -m benchmarks prior --seed 0
  python -m benchmarks prior --only "location prior alone" --grid 48 --prior-steps 500"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_data(parser)
    add_many(parser, "--only", "VARIANT", f"only this, of: {', '.join(VARIANTS)} [default: all]", choices=VARIANTS)
    parser.add_argument("--grid", type=int, default=88, metavar="N", help="longest edge of the grid [default 88]")
    parser.add_argument("--prior-steps", type=int, default=1500, metavar="N", help="of the prior [default 1500]")
    parser.add_argument("--steps", type=int, default=150, metavar="N", help="of the volume [default 150]")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of random numbers [default 0]")
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="DIR", help=f"folder of the page {PAGE} [default {OUT}]"
    )
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, and write the page.

    Raises
    ------
    HypsegError
        If there is no such folder, or the page cannot be written.
    """
    data = data_folder(arguments.data)
    if data is None:
        raise InputError(f"The volumes are not part of the project; name their folder with --data or {DATA}.")
    out = arguments.out
    make_folder(out)
    plan = PriorPlan(data, arguments.grid, arguments.prior_steps, arguments.steps, arguments.seed)
    machine = ", ".join(f"{name} {value}" for name, value in environment("cpu").items())
    measured = []
    for variant in arguments.only or VARIANTS:
        display.say(variant)
        found = drive_interruptible(label_volume(variant, plan), display.show)
        record = PriorRecord(
            variant, plan.seed, plan.grid, plan.prior_steps, plan.steps, found.dice, asdict(found.borders),
            found.seconds_prior, found.seconds_volume, _command(arguments), machine,
        )  # fmt: skip
        measured.append({"variant": variant, "dice": found.dice})
        write_report(out / PAGE, TEMPLATE, prior_sections(PRIOR_STORE.add(out / RECORDS, [record])))
    write_report(out / PAGE, TEMPLATE, prior_sections(PRIOR_STORE.load(out / RECORDS)))
    return Outcome({"page": out / PAGE, "measurements": measured}, f"{out / PAGE} holds the tables.")


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    numbers = f"--grid {arguments.grid} --prior-steps {arguments.prior_steps} --steps {arguments.steps}"
    return f"python -m benchmarks prior --data DIR {numbers} --seed {arguments.seed}"
