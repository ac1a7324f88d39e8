"""`python -m benchmarks real`: what segmentations of real volumes are worth."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.example_data import DATA, add_data, data_folder
from benchmarks.quality_page import PAGE, TEMPLATE
from benchmarks.real.annotated_volumes import EVERY
from benchmarks.real.measure import RealPlan, benchmark_real
from benchmarks.real.page import real_sections
from benchmarks.real.records import REAL_STORE, RealRecord
from benchmarks.real.rows import columns_of, rows_of
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.flags import ELSEWHERE, OUT, add_many, add_run_budget, device_of, run_budget, typed_budget
from benchmarks.segmentation.tree_makers import get_tree_maker, run_settings, tree_makers, usual_tree_makers
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.errors import InputError
from napari_hypseg.io.overwrite_protection import check_no_overwrite

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

RECORDS = "real.json"
IMAGES = "images"
MINUTES = 8.0
"""Of learning; encoding and grouping come on top."""
QUICK_MOST = (24, 64, 64)

DESCRIPTION = f"""\
Segment real volumes of which it is known what is where, each by itself and without its labels, and look for every
structure that has a name: Dice of the best single region of the tree, of the best union of leaves, and how few regions
have to be picked for a Dice of 0.85. Features that need no learning stand beside what is learned, with the same leaves
and tree. What was measured is kept in {RECORDS} beside the page, so that the tables can be made in pieces: a volume
measured again in the same way takes the place of what stands there. Takes two hours or more on two cores, and up to
5 GB of memory."""
EPILOG = """\
examples:
  python -m benchmarks real --quick
  python -m benchmarks real --only brats2013_open --method gaussian --method hyperbolic --minutes 4
  python -m benchmarks real --data volumes --out results"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("--quick", action="store_true", help="only the middle of each volume, to see that it works")
    add_data(parser)
    usual = ", ".join(usual_tree_makers())
    add_many(parser, "--method", "NAME", f"features or method, of: {', '.join(tree_makers())} [default: {usual}]")
    names = [case.name for case in EVERY]
    add_many(parser, "--only", "VOLUME", f"only this volume, of: {', '.join(names)} [default: all]", choices=names)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder of the page {PAGE} and its pictures [default {OUT}, with --quick {ELSEWHERE}]",
    )
    add_run_budget(parser, MINUTES)
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, and write the page.

    Raises
    ------
    HypsegError
        If there is no such method or folder, a setting cannot be used, or the page cannot be written.
    """
    out: Path = arguments.out or (ELSEWHERE if arguments.quick else OUT)
    plan = _plan(arguments, out)
    for name in plan.absent:
        display.note(f"{name} is left out: it is not in the folder of the example volumes.")
    check_no_overwrite([out / PAGE, out / RECORDS, plan.images], [plan.data])
    make_folder(plan.images)
    REAL_STORE.load(out / RECORDS)

    def show(event: Any) -> None:
        if isinstance(event, StageMessage):
            display.say(event.title)
        display.show(event)

    def keep(record: RealRecord) -> None:
        write_report(out / PAGE, TEMPLATE, real_sections(REAL_STORE.add(out / RECORDS, [record])))

    measured = drive_interruptible(benchmark_real(plan, keep), show)
    record = {
        "page": out / PAGE,
        "machine": plan.machine,
        "measurements": [asdict(one) for one in measured],
        "means": [row.as_dict() for row in rows_of(measured)],
        "left_out": plan.absent,
    }
    return Outcome(record, _summary(measured, out / PAGE))


def _plan(arguments: argparse.Namespace, out: Path) -> RealPlan:
    quick: bool = arguments.quick
    budget, seed = run_budget(arguments, MINUTES)
    makers = [get_tree_maker(name) for name in arguments.method or usual_tree_makers()]
    for maker in makers:
        if maker.learns:
            run_settings(maker.name, budget, seed)
    device = device_of(budget)
    plan = RealPlan(
        data=_data(arguments.data),
        makers=makers,
        run_budget=budget,
        seed=seed,
        images=out / IMAGES,
        cases=[case for case in EVERY if not arguments.only or case.name in arguments.only],
        most=QUICK_MOST if quick else None,
        command=_command(arguments),
        machine=", ".join(f"{name} {value}" for name, value in environment(device).items()),
        device=device,
    )
    if len(plan.absent) == len(plan.cases):
        raise InputError(f"None of {', '.join(plan.absent)} is in {plan.data}; check --data or {DATA}.")
    return plan


def _data(named: Path | None) -> Path:
    folder = data_folder(named)
    if folder is None:
        raise InputError(f"The real volumes are not part of the project; name their folder with --data or {DATA}.")
    return folder


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    words = ["python -m benchmarks real"]
    words += ["--quick"] * arguments.quick
    words += ["--data DIR"] * bool(arguments.data)
    for flag in ("method", "only"):
        words += [f"--{flag} {value}" for value in getattr(arguments, flag)]
    return " ".join([*words, *typed_budget(arguments)])


def _summary(measured: Sequence[RealRecord], page: Path) -> ConsoleRenderable:
    from rich.console import Group

    volumes = dict.fromkeys(one.volume for one in measured if one.groups)
    tables = [_table(name, [one for one in measured if one.volume == name]) for name in volumes]
    return Group(*tables, f"Everything is in {page}")


def _table(volume: str, records: Sequence[RealRecord]) -> ConsoleRenderable:
    from rich.table import Table

    columns = columns_of(records)
    made = Table("", *(column.title for column in columns), title=f"{volume}: best region · best leaves · regions")
    for row in rows_of(records):
        made.add_row(row.title, *(row.cell(column) for column in columns))
    return made
