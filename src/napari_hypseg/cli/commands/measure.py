"""`hypseg measure`: count and measure structures, regions or their pieces, into one table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.objects import add_objects, chosen_objects, has_structures, named_object
from napari_hypseg.cli.parsing.output_paths import require_free
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.cli.parsing.segmented_project import add_specimen, open_segmented
from napari_hypseg.errors import SettingError
from napari_hypseg.io.destination import label_destination
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.io.writing import write_labels_job
from napari_hypseg.pipeline.measure import Measured, measure_objects_job, piece_image
from napari_hypseg.pipeline.measured import NamedMask
from napari_hypseg.project.project import Project
from napari_hypseg.structures.instances import InstanceSettings
from napari_hypseg.structures.measurement_summary import MeasuredKind, count_words, summary_words
from napari_hypseg.structures.measurement_table import MeasurementTable

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

SUFFIX = ".csv"
OWNER = "instances"
ROWS_SHOWN = 20
DESCRIPTION = """\
Measure the structures of a project, or the regions of a level: voxels, volume, surface, diameter of the ball of that
volume, centroid, mean and standard deviation of the grey values. With --instances, each falls into its pieces, which
are counted and measured one by one. Volumes are in nm³, µm³ or mm³, whichever makes short numbers."""
EPILOG = """\
examples:
  hypseg measure cell.hypseg                                 (all structures, or the regions of the slider)
  hypseg measure cell.hypseg --structure particle --instances --out particles.csv
  hypseg measure cell.hypseg --structure particle --instances --split-touching --min-voxels 100 --out particles.csv
  hypseg measure cell.hypseg --cut 8 --region 3 --instances --distance-to 5 --json"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="NAME.hypseg", help="the project folder")
    parser.add_argument("--out", type=Path, metavar="TABLE.csv", help="file for the table [default: it is printed]")
    add_objects(parser)
    parser.add_argument(
        "--distance-to", metavar="OTHER", help="measure how far the nearest voxel of this structure or region is"
    )
    parser.add_argument("--instances", action="store_true", help="measure the pieces of each, not the whole")
    pieces = parser.add_argument_group("pieces (with --instances)")
    pieces.add_argument("--labels", type=Path, metavar="PATH", help="write the pieces as a label volume, too")
    add_settings(pieces, OWNER, InstanceSettings)
    add_specimen(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Measure.

    Raises
    ------
    HypsegError
        If the project, what was asked for or the path is not as it should be.
    """
    settings = _instance_settings(arguments)
    project, _ = open_segmented(arguments.project, arguments.specimen, display, arguments.tree)
    if arguments.out is not None:
        _check_out(arguments.out, project.inputs, arguments.overwrite)
    objects = chosen_objects(arguments, project)
    if arguments.labels is not None:
        _check_labels(arguments, project, objects)
    target = named_object(arguments, project, arguments.distance_to) if arguments.distance_to else None
    job = measure_objects_job(project, objects, arguments.specimen, settings, target)
    measured = drive_interruptible(job, display.show)
    if arguments.out is not None:
        measured.table.write_csv(arguments.out, project.inputs)
    if arguments.labels is not None:
        image = piece_image(project, measured.pieces[0], arguments.specimen)
        drive_interruptible(write_labels_job(arguments.labels, image), display.show)
    structures = bool(arguments.structure) or (_default(arguments) and has_structures(project))
    names = tuple(one.name for one in objects)
    what = MeasuredKind("structure" if structures else "region", names, bool(measured.pieces))
    return _outcome(arguments, measured, headline(measured, what))


def _instance_settings(arguments: argparse.Namespace) -> InstanceSettings | None:
    """How pieces are made, None if none are."""
    chosen = given(arguments, OWNER)
    about_pieces = [*chosen, *(["labels"] if arguments.labels else [])]
    if about_pieces and not arguments.instances:
        flag = about_pieces[0].replace("_", "-")
        raise SettingError(f"--{flag} is about pieces; add --instances, or leave it out.")
    return InstanceSettings.check(chosen) if arguments.instances else None


def _outcome(arguments: argparse.Namespace, measured: Measured, said: str) -> Outcome:
    table = measured.table
    record = {
        "count": len(table),
        "left_out": measured.n_small,
        "specimen": arguments.specimen,
        "path": arguments.out,
        "labels": arguments.labels,
        "columns": [{"key": one.header, "description": one.description} for one in table.columns],
        "rows": table.records(),
    }
    if arguments.labels is not None:
        said = f"{said}\n{arguments.labels} holds the pieces."
    if arguments.out is not None:
        return Outcome(record, f"{said}\n{arguments.out} holds the table.")
    return Outcome(record, _with_table(said, table))


def headline(measured: Measured, what: MeasuredKind) -> str:
    """The count first, then what is most asked for: ``312 pieces of particle, median diameter 98 nm, …``."""
    return ", ".join((count_words(measured.table, what), *summary_words(measured.table, what, measured.n_small))) + "."


def _default(arguments: argparse.Namespace) -> bool:
    named = (arguments.cut, arguments.level, arguments.tree)
    return all(flag is None for flag in named) and not arguments.region


def _check_out(path: Path, inputs: Sequence[Path], overwrite: bool) -> None:
    """Refuse a path that will not do before the work begins."""
    if path.suffix.lower() != SUFFIX:
        raise SettingError(f"The table cannot be written as {path.name}; let the name end in {SUFFIX}.")
    check_no_overwrite([path], inputs)
    require_free([path], overwrite)


def _check_labels(arguments: argparse.Namespace, project: Project, objects: Sequence[NamedMask]) -> None:
    """Refuse a label volume that cannot be before the work begins."""
    if len(objects) > 1:
        names = ", ".join(one.name for one in objects)
        raise SettingError(f"--labels holds the pieces of one structure or region, but here are {names}; choose one.")
    path, _ = label_destination(arguments.labels)
    check_no_overwrite([path], project.inputs)
    require_free([path], arguments.overwrite)


def _with_table(said: str, table: MeasurementTable) -> str | ConsoleRenderable:
    """The count with the first rows below it."""
    from rich.console import Group
    from rich.table import Table

    if not len(table):
        return said
    shown = Table(*(column.heading for column in table.columns))
    for row in list(table.rows())[:ROWS_SHOWN]:
        shown.add_row(*map(_word, row))
    hidden = len(table) - ROWS_SHOWN
    more = [f"… and {hidden} more; --out TABLE.csv takes them all."] if hidden > 0 else []
    return Group(said, shown, *more)


def _word(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)
