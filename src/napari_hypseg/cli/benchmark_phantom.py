"""`hypseg benchmark phantom`: what segmentations of generated tomograms are worth."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.benchmark.chapter import Chapter
from napari_hypseg.benchmark.machine import machine
from napari_hypseg.benchmark.phantom_page import sections
from napari_hypseg.benchmark.phantom_split import FULL_SPLIT, PARTS, QUICK_SPLIT, TEST, VARIANTS
from napari_hypseg.benchmark.phantom_summary import lines
from napari_hypseg.benchmark.quality import QualityPlan, benchmark_phantom
from napari_hypseg.benchmark.quality_page import PAGE, TEMPLATE
from napari_hypseg.benchmark.quality_rows import QUICK_ROWS, choose_rows
from napari_hypseg.benchmark.records import Record, add_records, load_records
from napari_hypseg.benchmark.regions import LEVEL_OF
from napari_hypseg.benchmark.report import write_report
from napari_hypseg.cli.display import Display
from napari_hypseg.cli.interrupts import attend
from napari_hypseg.cli.outputs import make_folder
from napari_hypseg.cli.parser import Parser, add_json
from napari_hypseg.cli.quality_flags import ELSEWHERE, OUT, add_effort, add_many, device_of, effort_of, typed_effort
from napari_hypseg.cli.registry import Outcome
from napari_hypseg.io.inputs import refuse_inputs

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
  hypseg benchmark phantom --quick
  hypseg benchmark phantom --method default --method unet --only regular --seed 0
  hypseg benchmark phantom --method 'hyperbolic-*' --latent-dim 2 --latent-dim 16"""


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
    add_effort(parser, MINUTES, leave_out=("seed",))
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
    refuse_inputs([out / PAGE, out / RECORDS], [])
    make_folder(out)
    load_records(out / RECORDS)

    def show(event: Any) -> None:
        if isinstance(event, Chapter):
            display.say(event.title)
        display.show(event)

    def keep(new: Sequence[Record]) -> None:
        write_report(out / PAGE, TEMPLATE, sections(plan, add_records(out / RECORDS, new)))

    measured = attend(benchmark_phantom(plan, keep), show)
    record = {"page": out / PAGE, "machine": plan.machine, "measurements": [asdict(one) for one in measured]}
    return Outcome(record, _summary(plan, measured, out / PAGE))


def _plan(arguments: argparse.Namespace) -> QualityPlan:
    quick: bool = arguments.quick
    effort, _ = effort_of(arguments, MINUTES)
    patterns = arguments.method or (QUICK_ROWS if quick else ())
    device = device_of(effort)
    return QualityPlan(
        rows=choose_rows(patterns, arguments.latent_dim),
        effort=effort,
        seeds=arguments.seed or (SEEDS[:1] if quick else SEEDS),
        split=QUICK_SPLIT if quick else FULL_SPLIT,
        part=arguments.part,
        variants=[name for name in VARIANTS if not arguments.only or name in arguments.only],
        command=_command(arguments),
        machine=", ".join(f"{name} {value}" for name, value in machine(device).items()),
        device=device,
    )


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    words = ["hypseg benchmark phantom"]
    words += ["--quick"] * arguments.quick
    words += [f"--part {arguments.part}"] * (arguments.part != TEST)
    for flag in ("method", "only", "seed", "latent_dim"):
        words += [f"--{flag.replace('_', '-')} {_quoted(value)}" for value in getattr(arguments, flag)]
    return " ".join([*words, *typed_effort(arguments)])


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
