"""`hypseg locate`: find the sample in one volume or in a folder full of them, and crop to it."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_hypseg.cli.commands.locate_crops import LocateResult, LocateTask, crop_paths, write_crop
from napari_hypseg.cli.commands.locate_report import locate_record, locate_summary
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.display.run_log import RunLog
from napari_hypseg.cli.interrupts import StoppedError, drive_interruptible
from napari_hypseg.cli.parsing.batch import Failure, Scan, open_scans, require_some, unreadable
from napari_hypseg.cli.parsing.locate_flags import add_locate, locate_settings
from napari_hypseg.cli.parsing.output_paths import box_files, make_folder, require_free
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.cli.parsing.specimens import add_voxel_size
from napari_hypseg.errors import HypsegError, SettingError
from napari_hypseg.io.box_file import write_box
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.io.registry import volume_formats
from napari_hypseg.io.volume_paths import channel_paths
from napari_hypseg.pipeline.locate import locate
from napari_hypseg.pipeline.locate_settings import LocateSettings

DESCRIPTION = """\
Find the sample in volumes of which it fills only a part, without labels: a network learns from the volumes that are
named, from all of them together and from nothing else. For each a small file says where the sample is, from start to
stop in voxels (z, y, x), and how sure that is; hypseg run --box takes it. With --crop the sample is saved by itself,
at its place in the world.

A file that cannot be read, or a crop that cannot be written, does not keep the others from theirs: it is named at the
end, and the exit code tells. Ctrl-C ends the command; files that are complete stay."""
EPILOG = """\
examples:
  hypseg locate scan.tif --out box.json
  hypseg locate scan.tif --out box.json --margin 5 --crop cropped --format tiff
  hypseg locate night/*.mrc --out boxes --crop cropped        (one box file and one crop for each)
  hypseg run scan.tif --box box.json --out scan.hypseg"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the command; the settings come from their classes and the localizers that are installed."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument(
        "specimens", nargs="*", metavar="SPECIMEN", help="a volume, or several joined by + as channels on one grid"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="BOX.json|DIR",
        help="the box file of one specimen, or a folder for NAME.json of each; specimens of one name get that of their "
        "folder in front",
    )
    parser.add_argument("--crop", type=Path, metavar="DIR", help="also save each sample by itself in this folder")
    names = [form.name for form in volume_formats()]
    parser.add_argument("--format", choices=names, help="file format of --crop [default: that of the specimen]")
    parser.add_argument("--overwrite", action="store_true", help="replace boxes and crops that are there")
    add_voxel_size(parser)
    add_locate(parser, words)
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Look, write the boxes, crop.

    Raises
    ------
    HypsegError
        If a setting cannot be used, a place to write to is taken, or no specimen can be read.
    StoppedError
        If the person stopped it.
    """
    settings = _settings(arguments)
    scans, failures = open_scans(arguments.specimens, arguments.voxel_size)
    tasks = _tasks(arguments, scans)
    for note in dict.fromkeys((*(f.sentence for f in failures), *(n for scan in scans for n in scan.volume.notes))):
        display.note(note)
    log = RunLog()
    found = _find(tasks, settings, failures, _telling(log, display))
    found = _write_boxes(found, failures)
    if arguments.crop:
        found = _crop(found, arguments, failures, _telling(log, display))
    record = locate_record(found, failures, log)
    return Outcome(record, locate_summary(found, failures), failures[0].exit_code if failures else 0)


def _settings(arguments: argparse.Namespace) -> LocateSettings:
    """What is wrong with the words of the command line is said before any file is opened."""
    if not arguments.specimens:
        raise SettingError("Name at least one specimen, such as: hypseg locate scan.tif --out box.json")
    if arguments.format and not arguments.crop:
        raise SettingError("--format is the format of the crops; say with --crop where they go.")
    return locate_settings(arguments)


def _tasks(arguments: argparse.Namespace, scans: Sequence[Scan]) -> list[LocateTask]:
    """Where everything goes, if nothing is in the way."""
    boxes = box_files(arguments.out, [scan.name for scan in scans], len(arguments.specimens))
    crops = [crop_paths(arguments.crop, scan, arguments.format) if arguments.crop else () for scan in scans]
    tasks = [LocateTask(scan, box, crop) for scan, box, crop in zip(scans, boxes, crops, strict=True)]
    paths = [path for task in tasks for path in task.paths]
    check_no_overwrite(paths, [path for text in arguments.specimens for path in channel_paths(text)])
    require_free(paths, arguments.overwrite)
    for folder in dict.fromkeys(path.parent for path in paths):
        make_folder(folder)
    return tasks


def _telling(log: RunLog, display: Display) -> Callable[[Any], None]:
    """Take down every event, and show it unless it was said before."""

    def show(event: Any) -> None:
        if log.record(event):
            display.show(event)

    return show


def _find(
    tasks: Sequence[LocateTask], settings: LocateSettings, failures: list[Failure], show: Callable[[Any], None]
) -> list[LocateResult]:
    """Learn from all and look in all; where one cannot be read to its end, it is left out and the others go on."""
    volumes = [task.scan.volume for task in tasks]
    try:
        proposals = drive_interruptible(locate(volumes, settings), show)
    except KeyboardInterrupt as error:
        raise StoppedError("Stopped before the sample was found; no box was written.") from error
    except (SettingError, MemoryError):
        raise
    except Exception:
        broken = unreadable([task.scan for task in tasks], show)
        if not broken:
            raise
        failures += broken
        lost = {failure.specimen for failure in broken}
        left = [task for task in tasks if task.scan.text not in lost]
        require_some([task.scan for task in left], failures)
        return _find(left, settings, failures, show)
    return [LocateResult(task, proposal) for task, proposal in zip(tasks, proposals, strict=True)]


def _write_boxes(found: Sequence[LocateResult], failures: list[Failure]) -> list[LocateResult]:
    """Those whose box is on disk."""
    written = []
    for one in found:
        try:
            write_box(one.task.box_file, one.proposal, one.task.scan.volume)
            written.append(one)
        except HypsegError as error:
            failures.append(Failure.of(one.task.scan.text, error))
    require_some([one.task.scan for one in written], failures)
    return written


def _crop(
    found: Sequence[LocateResult], arguments: argparse.Namespace, failures: list[Failure], show: Callable[[Any], None]
) -> list[LocateResult]:
    """Save the samples; one that cannot be saved is named at the end, the others go on."""
    cropped = list[LocateResult]()
    for one in found:
        try:
            cropped.append(replace(one, crop=write_crop(one, arguments.crop, arguments.format, show)))
        except KeyboardInterrupt as error:
            done = sum(crop.crop is not None for crop in cropped)
            raise StoppedError(f"Stopped; all boxes and {done} of {len(found)} crops are written.") from error
        except Exception as error:  # libraries of file formats raise what they like
            failures.append(Failure.of(one.task.scan.text, error))
            cropped.append(one)
    return cropped
