"""The scans that `hypseg locate` searches, their outcome, and writing the crops."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.batch import Scan
from napari_hypseg.io.destination import volume_destinations
from napari_hypseg.io.format import Format
from napari_hypseg.io.registry import format_of, volume_formats
from napari_hypseg.io.size_report import SizeReport
from napari_hypseg.io.writing import write_volume_job
from napari_hypseg.storage.file_names import fitted
from napari_hypseg.volumes.proposal import Proposal

FALLBACK = "mrc"
"""Format of a crop whose specimen comes in one that is only read."""


@dataclass(frozen=True, eq=False)
class LocateTask:
    """A specimen and where its box, and the files of its crop if one is wanted, are written."""

    scan: Scan
    box_file: Path
    crops: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Everything that is written."""
        return (self.box_file, *self.crops)


@dataclass(frozen=True)
class Crop:
    """The files of a sample that was saved by itself, what that saves, and the seconds it took."""

    paths: tuple[Path, ...]
    savings: SizeReport
    seconds: float


@dataclass(frozen=True, eq=False)
class LocateResult:
    """Where the sample is, and its crop once that is written."""

    task: LocateTask
    proposal: Proposal
    crop: Crop | None = None


def crop_paths(folder: Path, scan: Scan, format_name: str | None) -> tuple[Path, ...]:
    """Files of the crop of `scan` in `folder`: one, or one for each channel where the format holds a single one."""
    return volume_destinations(_path(folder, scan, format_name), scan.volume, format_name)[0]


def write_crop(found: LocateResult, folder: Path, format_name: str | None, show: Callable[[Any], None]) -> Crop:
    """Write the crop of what was found.

    Raises
    ------
    HypsegError
        If it cannot be written.
    """
    scan, box = found.task.scan, found.proposal.box
    started = time.monotonic()
    paths = drive_interruptible(write_volume_job(_path(folder, scan, format_name), scan.volume, box, format_name), show)
    return Crop(paths, SizeReport.of(scan.volume, box, paths), time.monotonic() - started)


def _path(folder: Path, scan: Scan, format_name: str | None) -> Path:
    return folder / fitted(scan.name, f"_cropped{_format(scan, format_name).written[0]}")


def _format(scan: Scan, format_name: str | None) -> Format:
    """The format asked for, else that of the specimen, else one that every program of the field reads."""
    writable = {form.name: form for form in volume_formats()}
    return writable.get(format_name or format_of(scan.volume.sources[0]).name, writable[FALLBACK])
