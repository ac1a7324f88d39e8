"""`python -m benchmarks locate`: how well, how fast and with how much memory the sample is found."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.example_data import DATA, add_data, data_folder
from benchmarks.locate.ablation import FULL_ABLATION, QUICK_ABLATION
from benchmarks.locate.measure import PARTS, LocatePlan, LocateResults, benchmark_locate
from benchmarks.locate.page import TEMPLATE, sections
from benchmarks.locate.phantoms import FULL, QUICK, Row
from benchmarks.locate.pretraining import FULL_PRETRAINING, QUICK_PRETRAINING
from benchmarks.locate.tube_scenes import FULL_TUBES, QUICK_TUBES
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import write_report
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.flags import given
from napari_hypseg.cli.parsing.locate_flags import OWNER, add_fields
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.errors import SettingError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.methods.registry import get_localizer, localizers
from napari_hypseg.pipeline.locate_settings import LocateSettings

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

PAGE = "locate.md"
IMAGES = "images"
KEPT = "locate-scenes.jsonl"
OUT = Path("docs/benchmarks")
QUICK_OUT = Path("benchmark_quick")

DESCRIPTION = """\
Find the sample in generated scans whose boxes are known, learned from some and scored on others, and learned from
each alone; beside it what thresholds reach, one of them chosen with the truth. Then in scans of small specimens in
tubes of medium, with how far the certainty can be trusted, and in the real example volumes, with pictures, and in a
scan of 512³ voxels, with time and memory. Last, what each setting of the localizers does, and whether what the
sorting localizer learns helps a segmentation. Takes two hours or more on two cores; --only measures a part again and
leaves the rest of the page as it is. Scans in tubes are kept in a file beside the page as they are measured, and a
stopped measurement goes on from there; the file goes when the page is written."""
EPILOG = """\
examples:
  python -m benchmarks locate --quick
  python -m benchmarks locate --method sorting --method rotation --data volumes --out results
  python -m benchmarks locate --only ablation"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("--quick", action="store_true", help="few and small scans, to see that everything works")
    add_data(parser)
    parser.add_argument(
        "--method",
        action="append",
        default=[],
        metavar="NAME",
        help=f"localizer to measure; may be given several times [default: {', '.join(localizers())}]",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=PARTS,
        metavar="PART",
        help=f"measure only this part: {', '.join(PARTS)}; may be given several times [default: all]",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder of the page {PAGE} and its pictures [default {OUT}, with --quick {QUICK_OUT}]",
    )
    add_fields(parser)
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, and write the page.

    Raises
    ------
    HypsegError
        If there is no such localizer or folder, or the page cannot be written.
    """
    out: Path = arguments.out or (QUICK_OUT if arguments.quick else OUT)
    plan = _plan(arguments, out)
    check_no_overwrite([out / PAGE, plan.images], [plan.data] if plan.data else [])
    make_folder(plan.images)
    if plan.data is None and not plan.only:
        display.note(f"The real volumes are left out; name their folder with --data or {DATA}.")

    def show(event: Any) -> None:
        if isinstance(event, StageMessage):
            display.say(event.title)
        display.show(event)

    results = drive_interruptible(benchmark_locate(plan), show)
    measured_with = environment(_device(plan.settings[0]))
    write_report(out / PAGE, TEMPLATE, sections(results, _command(arguments), measured_with))
    if results.scenes:
        plan.kept.unlink(missing_ok=True)
    record = {"page": out / PAGE, "machine": measured_with, **results.as_dict()}
    return Outcome(record, _summary(results, out / PAGE))


def _plan(arguments: argparse.Namespace, out: Path) -> LocatePlan:
    names = arguments.method or list(localizers())
    values = given(arguments, OWNER)
    settings = [LocateSettings.check({**values, "method": get_localizer(name).name}) for name in names]
    if not settings:
        raise SettingError("No localizer is installed; install napari-hypseg again.")
    quick: bool = arguments.quick
    phantoms, ablation = (QUICK, QUICK_ABLATION) if quick else (FULL, FULL_ABLATION)
    joining = QUICK_PRETRAINING if quick else FULL_PRETRAINING
    data, only = data_folder(arguments.data), tuple(arguments.only)
    tubes = QUICK_TUBES if quick else FULL_TUBES
    plan = LocatePlan(settings, out / IMAGES, out / KEPT, phantoms, data, not quick, ablation, joining, only, tubes)
    _check_parts(plan)
    return plan


def _check_parts(plan: LocatePlan) -> None:
    """A part that was asked for must not be left out in silence.

    Raises
    ------
    SettingError
        If it cannot be measured.
    """
    missing = {
        "real": f"name the folder of the example volumes with --data or {DATA}",
        "large": "it is left out with --quick: leave out one of the two",
    }
    for part in plan.only:
        if not plan.wants(part):
            raise SettingError(f"--only {part} cannot be measured; {missing[part]}.")


def _device(settings: LocateSettings) -> str:
    from napari_hypseg.training.device import resolve_device

    return resolve_device(settings.device).type


def _command(arguments: argparse.Namespace) -> str:
    """What was typed, without where anything lies, so that the page can be published."""
    words = ["python -m benchmarks locate"]
    words += ["--quick"] * arguments.quick
    words += ["--data DIR"] * bool(arguments.data)
    words += [f"--method {name}" for name in arguments.method]
    words += [f"--only {part}" for part in arguments.only]
    words += [f"--{name.replace('_', '-')} {value}" for name, value in given(arguments, OWNER).items()]
    return " ".join(words)


def _summary(results: LocateResults, page: Path) -> ConsoleRenderable:
    from rich.console import Group

    titled = {"Scans that were not learned from": results.unseen, "One scan alone": results.single}
    tables = [_table(title, rows) for title, rows in titled.items() if rows]
    return Group(*tables, f"Everything {'else ' if tables else ''}is in {page}")


def _table(title: str, rows: Sequence[Row]) -> ConsoleRenderable:
    from rich.table import Table

    made = Table("", "error of a face", "IoU", "worst IoU", "voxels lost", title=title)
    for row in rows:
        score = row.score
        lost = "" if score.lost is None else f"{score.lost:.3%}"
        made.add_row(row.name, f"{score.error:.2%}", f"{score.iou:.3f}", f"{score.worst_iou:.3f}", lost)
    return made
