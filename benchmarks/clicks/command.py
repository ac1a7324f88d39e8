"""`python -m benchmarks clicks`: what a few clicks reach, on regions and with a pixel classifier."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.clicks.figure import click_figure
from benchmarks.clicks.measure import TAUGHT, ClickPlan, benchmark_clicks
from benchmarks.clicks.page import FIGURE, PAGE, TEMPLATE, click_sections, similar_section
from benchmarks.clicks.records import CLICK_STORE, ClickRecord
from benchmarks.clicks.retrieval import answer_milliseconds
from benchmarks.clicks.subjects import PHANTOM, names, subjects
from benchmarks.example_data import DATA, add_data, data_folder
from benchmarks.explorer_page import PAGE as EXPLORER_PAGE
from benchmarks.explorer_page import SIMILAR
from benchmarks.explorer_page import TEMPLATE as EXPLORER_TEMPLATE
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.flags import ELSEWHERE, OUT, add_many, add_run_budget, device_of, run_budget, typed_budget
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import run_settings
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.training.settings import TrainingSettings

RECORDS = "clicks.json"
MINUTES = 8.0
"""Of learning each volume; encoding and grouping come on top."""
PHANTOMS = 5
TRIALS = 12
QUICK_MOST, QUICK_PHANTOMS, QUICK_TRIALS, QUICK_TAUGHT = (24, 48, 48), 1, 2, 2

DESCRIPTION = f"""\
Segment generated volumes, and real ones of which it is known what is where, and let a simulated person select every
structure with clicks: Dice after 1 to 20 of them, beside the best single region, the best union of leaves, and what a
pixel classifier makes of as many dabs. Also, how well "more like this" finds the other leaves of a structure. Records
are kept in {RECORDS} beside the page, one a line, as soon as a volume is done, and what is there is not measured again.
All volumes take most of a day on two cores."""
EPILOG = """\
examples:
  python -m benchmarks clicks --quick
  python -m benchmarks clicks --only phantom --only lm_nuclei --minutes 1
  python -m benchmarks clicks --data volumes --out results"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("--quick", action="store_true", help="a little of each volume, to see that it works")
    add_data(parser)
    named = ", ".join(names())
    add_many(parser, "--only", "VOLUME", f"only this volume, of: {named} [default: all]", choices=names())
    parser.add_argument("--phantoms", type=int, metavar="N", help=f"generated volumes [default {PHANTOMS}]")
    parser.add_argument("--trials", type=int, metavar="N", help=f"simulated persons [default {TRIALS}]")
    parser.add_argument(
        "--ceiling-minutes", type=float, metavar="MIN",
        help="of learning from labels for the ceiling [default: the budget of a segmentation]",
    )  # fmt: skip
    parser.add_argument("--regions-alone", action="store_true", help="leave out pixel classifier and ceiling")
    parser.add_argument(
        "--again", action="store_true", help="segment and click again what was measured before; dabs are taken over"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"folder of the page {PAGE} [default {OUT}, with --quick {ELSEWHERE}]"
    )
    add_run_budget(parser, MINUTES)
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, and write the pages.

    Raises
    ------
    HypsegError
        If there is no such folder, a setting cannot be used, or a page cannot be written.
    """
    out: Path = arguments.out or (ELSEWHERE if arguments.quick else OUT)
    plan, data = _plan(arguments)
    check_no_overwrite([out / PAGE, out / RECORDS, out / EXPLORER_PAGE], [data] if data else [])
    make_folder(out)
    known = CLICK_STORE.load(out / RECORDS)
    milliseconds = answer_milliseconds()

    def show(event: Any) -> None:
        if isinstance(event, StageMessage):
            display.say(event.title)
        display.show(event)

    def write(records: Sequence[ClickRecord]) -> None:
        write_report(out / PAGE, TEMPLATE, click_sections(records))
        figure = out / FIGURE
        figure.parent.mkdir(parents=True, exist_ok=True)
        with replacing(figure) as temporary:
            temporary.write_text(click_figure(records), encoding="utf-8")
        similar = {SIMILAR: similar_section(records, milliseconds, plan.machine)}
        write_report(out / EXPLORER_PAGE, EXPLORER_TEMPLATE, similar)

    def keep(record: ClickRecord) -> None:
        write(CLICK_STORE.add(out / RECORDS, [record]))

    measured = drive_interruptible(benchmark_clicks(plan, known, keep), show)
    write(CLICK_STORE.load(out / RECORDS))
    record = {"page": out / PAGE, "machine": plan.machine, "measurements": [asdict(one) for one in measured]}
    told = f"{len(measured)} specimens measured, {len(plan.subjects) - len(measured)} before."
    return Outcome(record, f"{told} {out / PAGE} holds the tables.")


def _plan(arguments: argparse.Namespace) -> tuple[ClickPlan, Path | None]:
    quick: bool = arguments.quick
    budget, seed = run_budget(arguments, MINUTES)
    method = str(RunSettings.model_fields["method"].default)
    run_settings(method, budget, seed)
    ceiling = budget
    if arguments.ceiling_minutes is not None:
        ceiling = RunBudget(TrainingSettings.check({"minutes": arguments.ceiling_minutes}).minutes, None, budget.device)
    phantoms = _positive(arguments.phantoms, QUICK_PHANTOMS if quick else PHANTOMS, "phantoms")
    trials = _positive(arguments.trials, QUICK_TRIALS if quick else TRIALS, "trials")
    data = data_folder(arguments.data)
    if data is None and any(name != PHANTOM for name in arguments.only):
        raise InputError(f"The real volumes are not part of the project; name their folder with --data or {DATA}.")
    found = list(subjects(data, arguments.only, phantoms, QUICK_MOST if quick else None))
    if not found:
        raise InputError(f"None of {', '.join(arguments.only)} is in {data}; check --data or {DATA}.")
    device = device_of(budget)
    machine = ", ".join(f"{name} {value}" for name, value in environment(device).items())
    command, compare = _command(arguments), not arguments.regions_alone
    taught = QUICK_TAUGHT if quick else TAUGHT
    return ClickPlan(
        found, method, budget, ceiling, seed, trials, compare, arguments.again, taught, command, machine, device
    ), data


def _positive(given: int | None, usual: int, name: str) -> int:
    """The number that was given, or the usual one.

    Raises
    ------
    SettingError
        If it is not above 0.
    """
    if given is not None and given < 1:
        raise SettingError(f"--{name} {given} is too few; choose at least 1.", setting=name)
    return given or usual


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    words = ["python -m benchmarks clicks", *["--quick"] * arguments.quick, *["--data DIR"] * bool(arguments.data)]
    words += [f"--only {name}" for name in arguments.only]
    numbers = {name: getattr(arguments, name.replace("-", "_")) for name in ("phantoms", "trials", "ceiling-minutes")}
    words += [f"--{name} {number:g}" for name, number in numbers.items() if number]
    words += ["--regions-alone"] * arguments.regions_alone + ["--again"] * arguments.again
    return " ".join([*words, *typed_budget(arguments)])
