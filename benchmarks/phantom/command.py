"""`python -m benchmarks phantom`: what segmentations of generated tomograms are worth."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.phantom.measure import QualityPlan, benchmark_phantom
from benchmarks.phantom.page import sections
from benchmarks.phantom.records import PHANTOM_STORE, Record
from benchmarks.phantom.rows import QUICK_ROWS, choose_rows
from benchmarks.phantom.split import FULL_SPLIT, PARTS, QUICK_SPLIT, TEST, VARIANTS
from benchmarks.phantom.summary import lines
from benchmarks.quality_page import PAGE, TEMPLATE
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.flags import ELSEWHERE, OUT, add_many, add_run_budget, device_of, run_budget, typed_budget
from benchmarks.segmentation.regions import LEVEL_OF
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.io.overwrite_protection import check_no_overwrite

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

RECORDS = "phantom.json"
SEEDS = (0, 1, 2)
MINUTES = 10.0

DESCRIPTION = f"""\
Learn from 80 generated tomograms whose parts are known, segment each of 20 others alone, and compare with their
classes: matched Dice of 2, 4 and 8 regions, nested cuts of one tree. Beside the methods stand clusterings of features
that need no learning, and a network that is told the classes. What was measured is kept in {RECORDS} beside the page,
row by row, so that the table can be made in pieces: rows measured again take the place of what stands there. All rows
with three seeds take days on two cores."""
EPILOG = """\
examples:
  python -m benchmarks phantom --quick
  python -m benchmarks phantom --method default --method unet --only regular --seed 0
  python -m benchmarks phantom --method 'hyperbolic-*' --latent-dim 2 --latent-dim 16"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    names = ", ".join(row.name for row in choose_rows())
    add_many(
        parser, "--method", "NAME", f"row, or any method, to measure; * stands for anything; of: {names} [default: all]"
    )
    add_many(
        parser, "--only", "VARIANT", f"only these phantoms: {', '.join(VARIANTS)} [default: both]", choices=VARIANTS
    )
    add_many(parser, "--seed", "N", f"seed of learning [default: {', '.join(map(str, SEEDS))}]", type=int)
    add_many(
        parser, "--latent-dim", "N", "latent dimension of what learns without classes [default: its own]", type=int
    )
    parser.add_argument(
        "--part",
        choices=PARTS,
        default=TEST,
        help=f"volumes that are scored; choose settings by the other [default {TEST}]",
    )
    parser.add_argument("--quick", action="store_true", help="few and small volumes, to see that everything works")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder of the page {PAGE} [default {OUT}; {ELSEWHERE} with --quick or another --part]",
    )
    add_run_budget(parser, MINUTES, leave_out=("seed",))
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, and write the page.

    Raises
    ------
    HypsegError
        If there is no such row or setting, or the page cannot be written.
    """
    out: Path = arguments.out or (ELSEWHERE if arguments.quick or arguments.part != TEST else OUT)
    plan = _plan(arguments)
    plan.check()
    check_no_overwrite([out / PAGE, out / RECORDS], [])
    make_folder(out)
    PHANTOM_STORE.load(out / RECORDS)

    def show(event: Any) -> None:
        if isinstance(event, StageMessage):
            display.say(event.title)
        display.show(event)

    def keep(new: Sequence[Record]) -> None:
        write_report(out / PAGE, TEMPLATE, sections(plan, PHANTOM_STORE.add(out / RECORDS, new)))

    measured = drive_interruptible(benchmark_phantom(plan, keep), show)
    record = {"page": out / PAGE, "machine": plan.machine, "measurements": [asdict(one) for one in measured]}
    return Outcome(record, _summary(plan, measured, out / PAGE))


def _plan(arguments: argparse.Namespace) -> QualityPlan:
    quick: bool = arguments.quick
    budget, _ = run_budget(arguments, MINUTES)
    patterns = arguments.method or (QUICK_ROWS if quick else ())
    device = device_of(budget)
    return QualityPlan(
        rows=choose_rows(patterns, arguments.latent_dim),
        run_budget=budget,
        seeds=arguments.seed or (SEEDS[:1] if quick else SEEDS),
        split=QUICK_SPLIT if quick else FULL_SPLIT,
        part=arguments.part,
        variants=[name for name in VARIANTS if not arguments.only or name in arguments.only],
        command=_command(arguments),
        machine=", ".join(f"{name} {value}" for name, value in environment(device).items()),
        device=device,
    )


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    words = ["python -m benchmarks phantom"]
    words += ["--quick"] * arguments.quick
    words += [f"--part {arguments.part}"] * (arguments.part != TEST)
    for flag in ("method", "only", "seed", "latent_dim"):
        words += [f"--{flag.replace('_', '-')} {_quoted(value)}" for value in getattr(arguments, flag)]
    return " ".join([*words, *typed_budget(arguments)])


def _quoted(value: object) -> str:
    return f"'{value}'" if "*" in str(value) else str(value)


def _summary(plan: QualityPlan, measured: Sequence[Record], page: Path) -> ConsoleRenderable:
    from rich.console import Group

    tables = [_table(variant, [one for one in measured if one.variant == variant]) for variant in plan.variants]
    return Group(*tables, f"Everything is in {page}")


def _table(variant: str, records: Sequence[Record]) -> ConsoleRenderable:
    from rich.table import Table

    made = Table("", *(f"{k} regions" for k in LEVEL_OF), title=f"Matched Dice, {variant} phantoms")
    for line in lines(records):
        made.add_row(line.title, *(f"{dice.mean:.3f}" for dice in line.dice.values()))
    return made
