"""`python -m benchmarks structures`: what counting, measuring and drawing a structure costs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.example_data import add_data, data_folder
from benchmarks.explorer_page import NUCLEI, PAGE, STRUCTURES, TEMPLATE
from benchmarks.reporting.environment import environment
from benchmarks.reporting.page import table, write_report
from benchmarks.structures.measure import Timing, timings_job
from benchmarks.structures.nuclei import parted_job, rows
from benchmarks.structures.scene import scene
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import add_json

OUT = Path("docs/benchmarks")
ELSEWHERE = Path("benchmark_quick")
TARGET = 5.0
"""Seconds in which 2 000 pieces in 256³ voxels are to be measured."""
FULL, QUICK = (256, 2000), (64, 20)
REPEATS = 3
DESCRIPTION = f"""\
Count, measure and draw 2 000 objects in 256³ voxels, and put the seconds into the page {PAGE}. Target: {TARGET:g} s for
finding and measuring them. Where the example volumes are at hand, touching nuclei are parted and counted, too."""
EPILOG = """\
examples:
  python -m benchmarks structures
  python -m benchmarks structures --quick"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the benchmark."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("--quick", action="store_true", help="a few objects, to see that everything works")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"folder of the page [default {OUT}; {ELSEWHERE} with --quick]"
    )
    add_data(parser)
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Time everything and write the page.

    Raises
    ------
    OutputError
        If the page cannot be written.
    """
    folder = arguments.out or (ELSEWHERE if arguments.quick else OUT)
    make_folder(folder)
    edge, count = QUICK if arguments.quick else FULL
    made = scene(edge, count)
    timings = drive_interruptible(timings_job(made, 1 if arguments.quick else REPEATS), display.show)
    data = data_folder(arguments.data)
    parted = drive_interruptible(parted_job(data), display.show) if data else []
    machine = environment("cpu")
    head = ("nuclei of", "split into", "nuclei", "pieces", "right")
    sections = {
        STRUCTURES: section(timings, edge, count, machine["cores"], machine["system"]),
        NUCLEI: table(head, rows(parted)) if parted else None,
    }
    write_report(folder / PAGE, TEMPLATE, sections)
    lines = [f"{one.name}: {one.seconds:.2f} s" for one in timings]
    record = {
        "page": folder / PAGE,
        "timings": [asdict(one) for one in timings],
        "nuclei": [asdict(one) for one in parted],
        **machine,
    }
    return Outcome(record, "\n".join((*lines, f"{folder / PAGE} holds the table.")))


def section(timings: Sequence[Timing], edge: int, count: int, cores: str, system: str) -> str:
    """The table with what it was measured on."""
    cells = [(one.name, f"{one.seconds:.1f}", f"{one.silence:.2f}") for one in timings]
    said = (
        f"{count} objects in {edge}³ voxels; median of {REPEATS} runs on {cores} cores ({system}), without a graphics "
        f"card. Target for the first row: {TARGET:g} s for 2000 objects in 256³ voxels; between two reports of "
        "progress no more than 0.2 s should pass."
    )
    return f"{said}\n\n{table(('what', 'seconds', 'longest silence, s'), cells)}"
