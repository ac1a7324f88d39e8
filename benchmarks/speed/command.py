"""`python -m benchmarks speed`: seconds of every stage, and how they compare with what a person would run instead."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.reporting.environment import environment, processor
from benchmarks.reporting.page import write_report
from benchmarks.speed.measure import speed_job
from benchmarks.speed.page import PAGE, RATIOS, RECORDS, STAGES, TEMPLATE, quick_section, ratio_section, stage_section
from benchmarks.speed.quick import quick_job
from benchmarks.speed.records import SPEED_STORE, SpeedRecord, fallen
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.errors import SettingError

OUT = Path("docs/benchmarks")
ELSEWHERE = Path("benchmark_quick")
SIZES = (128, 192, 256, 512)
USUAL = 256
QUICK_RECORDS = "speed_quick.json"
FALLEN = 0.3
DESCRIPTION = f"""\
Learn a little from generated volumes, segment and export them, and put the seconds of every stage beside the least it
could take and beside what a person would run instead, into the page {PAGE}. Records are kept in {RECORDS} beside it."""
EPILOG = """\
examples:
  python -m benchmarks speed
  python -m benchmarks speed --size 192 --size 256
  python -m benchmarks speed --quick --against docs/benchmarks/speed_quick.json"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.set_defaults(words=tuple(words))
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--quick",
        action="store_true",
        help="ratios of processor time on one core, which are the same beside other work, in half a minute; no page",
    )
    which.add_argument(
        "--size",
        type=int,
        action="append",
        choices=SIZES,
        help=f"edge of the volume in voxels [default {USUAL}]; may be given several times",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help=f"fail where a ratio is lower by {FALLEN:.0%} than in the records of this file, with --quick if it is so "
        "twice in a row and was measured on a processor of the same kind".replace("%", "%%"),
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"folder of the page [default {OUT}; {ELSEWHERE} with --quick]"
    )
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure, keep the records and write the page.

    Raises
    ------
    HypsegError
        If the page cannot be written, or there is nothing to compare with.
    """
    folder = arguments.out or (ELSEWHERE if arguments.quick else OUT)
    make_folder(folder)
    before = _known(arguments.against) if arguments.against else []
    machine = environment("cpu")
    words = f"{machine['cores']} cores, {machine['memory']}, {machine['system']}, torch {machine['torch']}"
    typed = shlex.join(("python -m benchmarks", *arguments.words))
    if arguments.quick:
        return _quick(folder, before, typed, f"{machine['system']}, {processor()}", display)
    known, made = list[SpeedRecord](), list[SpeedRecord]()
    for edge in arguments.size or [USUAL]:
        made.append(drive_interruptible(speed_job(edge, typed, words), display.show))
        known = SPEED_STORE.add(folder / RECORDS, made[-1:])
    every = sorted((one for one in known if one.machine == words), key=lambda one: one.edge)
    sections = {RATIOS: ratio_section(every), STAGES: "\n\n".join(map(stage_section, every))}
    write_report(folder / PAGE, TEMPLATE, sections)
    lower = [line for one in made for past in before if past.edge == one.edge for line in fallen([one], past, FALLEN)]
    lines = [ratio_section(made), *map(stage_section, made), *(f"Lower than before: {line}" for line in lower)]
    record = {"page": folder / PAGE, "records": [asdict(one) for one in made], "fallen": lower}
    return Outcome(record, "\n\n".join(lines), exit_code=1 if lower else 0)


def _quick(folder: Path, before: Sequence[SpeedRecord], typed: str, machine: str, display: Display) -> Outcome:
    """Measure the quick form, once more if a ratio is low, and keep the last record."""
    made = [drive_interruptible(quick_job(typed, machine), display.show)]
    past = [one for one in before if one.key == made[0].key]
    lower = [line for one in past for line in fallen(made, one, FALLEN)]
    if lower:
        made.append(drive_interruptible(quick_job(typed, machine), display.show))
        lower = [line for one in past for line in fallen(made, one, FALLEN)]
    records = folder / QUICK_RECORDS
    SPEED_STORE.add(records, made[-1:])
    lines = [quick_section(made[-1]), *(f"Lower than before, twice in a row: {line}" for line in lower)]
    if before and not past:
        lines.append(f"Nothing was measured before on a processor of this kind ({machine}); nothing is compared.")
    record = {"records": [asdict(one) for one in made], "fallen": lower}
    return Outcome(record, "\n\n".join(lines), exit_code=1 if lower else 0)


def _known(path: Path) -> list[SpeedRecord]:
    known = SPEED_STORE.load(path)
    if not known:
        raise SettingError(f"There are no records in {path}; name another file for --against.")
    return known
