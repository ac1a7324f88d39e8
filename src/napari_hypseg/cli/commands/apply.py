"""`hypseg apply`: what was learned and named in one project, carried to other volumes of the same kind."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.formatting import counted
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.display.run_log import RunLog
from napari_hypseg.cli.interrupts import StoppedError, drive_interruptible
from napari_hypseg.cli.parsing.apply_volumes import add_volumes, apply_tasks
from napari_hypseg.cli.parsing.batch import Failure
from napari_hypseg.cli.parsing.output_paths import make_folder
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.cli.parsing.segmented_project import open_segmented
from napari_hypseg.errors import OutputError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.pipeline.applicable import check_named
from napari_hypseg.pipeline.apply_many import TABLE, AppliedVolume, apply_to_all, joined_table, kept_words
from napari_hypseg.pipeline.volume_ended import VolumeEnded
from napari_hypseg.structures.measurement_table import MeasurementTable

SHOWN = 3
"""Doubtful regions of a volume in the summary."""
HEAD = b"source,id,name,"
"""How a table begins."""
DESCRIPTION = f"""\
Carry what was learned and named in one project to other volumes of the same kind: each gets a project of its own with
the same model, regions, trees, levels and structures, and its own grey-value statistics. Regions get the leaf they are
most like; how certain that is, is told, and where to look first. {TABLE} in the folder counts and measures the
structures of all volumes.

A volume that cannot be used is named in the end, the others go on. Started again, volumes that are done are not done
again: their structures follow what was edited in the project since, and what was corrected in them stays."""
EPILOG = """\
examples:
  hypseg apply cell.hypseg monday/*.mrc --out applied
  hypseg apply cell.hypseg monday --out applied                             (all volumes in a folder)
  hypseg apply brain.hypseg b_flair.nii.gz+b_t1c.nii.gz --mask b_mask.nii.gz --out applied
  hypseg gui applied/tomogram_02.hypseg                                     (correct one)
  hypseg send-back applied/tomogram_02.hypseg                               (its corrections are for all)
  hypseg apply cell.hypseg monday/*.mrc --out applied                       (so the others follow)"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="NAMED.hypseg", help="the project that is applied")
    add_volumes(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the projects and the table")
    parser.add_argument("--overwrite", action="store_true", help="make projects anew that are there")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Apply to one volume after the other.

    Raises
    ------
    HypsegError
        If the project cannot be applied to anything, or no volume can be used.
    StoppedError
        If the person stopped it.
    """
    source, _ = open_segmented(arguments.project, 0, display)
    check_named(source)
    tasks = apply_tasks(arguments)
    table = arguments.out / TABLE
    check_no_overwrite([*(task.path for task in tasks), table], [source.path, *source.inputs])
    _check_table(table, arguments.overwrite)
    make_folder(arguments.out)
    log, done = RunLog(), list[AppliedVolume]()

    def show(event: Any) -> None:
        if isinstance(event, VolumeEnded):
            display.say(event.sentence)
        elif log.record(event):
            display.show(event)

    try:
        failed = drive_interruptible(apply_to_all(source, tasks, arguments.overwrite, done.append), show)
    except KeyboardInterrupt as error:
        _write(table, done)
        raise StoppedError(_stopped(arguments, done, len(tasks))) from error
    failures = [Failure.of(one.name, one.error) for one in failed]
    for sentence in (failure.sentence for failure in failures):
        display.note(sentence)
    for one in done:
        for left_out in one.left_out:
            display.note(f"Left out of {one.name}: {left_out}.")
        for sentence in kept_words(one):
            display.note(sentence)
    joined = _write(table, done)
    record = {
        "project": source.path,
        "volumes": [_told(one) for one in done],
        "failures": [{"specimen": one.specimen, "sentence": one.sentence} for one in failures],
        "table": table if done else None,
        "rows": joined.records() if joined else [],
        "seconds": {stage: round(seconds, 3) for stage, seconds in log.seconds.items()},
        "notices": log.notices,
    }
    return Outcome(record, _summary(done, failures, table), failures[0].exit_code if failures else 0)


def _write(table: Path, done: Sequence[AppliedVolume]) -> MeasurementTable | None:
    if not done:
        return None
    joined = joined_table(done)
    joined.write_csv(table)
    return joined


def _check_table(table: Path, overwrite: bool) -> None:
    """Refuse to replace a file that is not a table of this command."""
    if overwrite or not table.exists():
        return
    with table.open("rb") as file:
        if file.read(len(HEAD)) != HEAD:
            raise OutputError(
                f"{table} is in the way and is no table of hypseg apply; choose another folder for --out."
            )


def _told(one: AppliedVolume) -> dict[str, Any]:
    return {
        "name": one.name,
        "project": one.path,
        "was_there": one.was_there,
        "structures": one.structures,
        "certainty": one.certainty,
        "doubtful": [region.as_json() for region in one.doubtful],
        "left_out": one.left_out,
        "updated": one.update.done,
        "kept": one.update.kept,
    }


def _stopped(arguments: argparse.Namespace, done: Sequence[AppliedVolume], count: int) -> str:
    again = f"the same command goes on where it was, hypseg apply {shlex.quote(str(arguments.project))} …"
    return f"Stopped; {len(done)} of {count} volumes are done, and {again}"


def _summary(done: Sequence[AppliedVolume], failures: Sequence[Failure], table: Path) -> str:
    fresh = sum(not one.was_there for one in done)
    head = f"Applied to {counted(fresh, 'volume')}"
    head += f", {len(done) - fresh} had been done before" if fresh < len(done) else ""
    head += f", {len(failures)} could not be used." if failures else "."
    lines = [head, *(f"{one.path}: {_in_words(one)}" for one in done)]
    return "\n".join([*lines, f"{table} holds the table."] if done else lines)


def _in_words(one: AppliedVolume) -> str:
    names = ", ".join(f"{name} {voxels} voxels" for name, voxels in one.structures.items())
    words = f"{names}; certainty {one.certainty:.0%}"
    first = "; ".join("({}, {}, {})".format(*region.voxel) for region in one.doubtful[:SHOWN])
    return f"{words}, look first at {first} (z, y, x)" if first else words
