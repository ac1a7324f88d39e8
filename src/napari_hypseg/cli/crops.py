"""Saving samples by themselves, as `hypseg locate --crop` does."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from napari_hypseg.cli.batch import Scan
from napari_hypseg.cli.found import Crop, Found
from napari_hypseg.cli.interrupts import attend
from napari_hypseg.io.destination import volume_destinations
from napari_hypseg.io.format import Format
from napari_hypseg.io.registry import format_of, volume_formats
from napari_hypseg.io.size_report import SizeReport
from napari_hypseg.io.writing import write_volume_job
from napari_hypseg.storage.file_names import fitted

FALLBACK = "mrc"
"""Format of a crop whose specimen comes in one that is only read."""


def crop_paths(folder: Path, scan: Scan, format_name: str | None) -> tuple[Path, ...]:
    """Files of the crop of `scan` in `folder`: one, or one for each channel where the format holds a single one."""
    return volume_destinations(_path(folder, scan, format_name), scan.volume, format_name)[0]


def write_crop(found: Found, folder: Path, format_name: str | None, show: Callable[[Any], None]) -> Crop:
    """Write the crop of what was found.

    Raises
    ------
    HypsegError
        If it cannot be written.
    """
    scan, box = found.task.scan, found.proposal.box
    started = time.monotonic()
    paths = attend(write_volume_job(_path(folder, scan, format_name), scan.volume, box, format_name), show)
    return Crop(paths, SizeReport.of(scan.volume, box, paths), time.monotonic() - started)


def _path(folder: Path, scan: Scan, format_name: str | None) -> Path:
    return folder / fitted(scan.name, f"_cropped{_format(scan, format_name).written[0]}")


def _format(scan: Scan, format_name: str | None) -> Format:
    """The format asked for, else that of the specimen, else one that every program of the field reads."""
    writable = {form.name: form for form in volume_formats()}
    return writable.get(format_name or format_of(scan.volume.sources[0]).name, writable[FALLBACK])
