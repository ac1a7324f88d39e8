"""Boxes of particles as one MRC file: a stack of volumes (space group 401), which is written as they are read."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io.mrc.header import HEADER_BYTES
from napari_hypseg.io.mrc.writer import Statistics
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.volumes.units import is_length

SUFFIXES = (".mrc", ".mrcs")
VOLUME_STACK = 401
MAX_PLANES = 2**31 - 1
"""Most planes that the header can count."""


def check_stack_path(path: Path) -> None:
    """Refuse a name that is no MRC file's.

    Raises
    ------
    SettingError
        If so.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise SettingError(f"Boxes cannot be written as {path.name}; let the name end in {' or '.join(SUFFIXES)}.")


def write_box_stack_job(path: Path, boxes: ParticleBoxes, inputs: Iterable[Path] = ()) -> Job[Path]:
    """Write all boxes in the order of their particles, whole or not at all, yielding ``Progress("extract", …)``.

    A batch of boxes is in memory at a time.

    Raises
    ------
    SettingError
        If `path` does not end as an MRC file does.
    InputError
        If there are more boxes than an MRC file holds.
    OutputError
        If `path` is one of `inputs`, lies in a project, or cannot be written.
    """
    check_stack_path(path)
    check_no_overwrite([path], inputs)
    count, edge = boxes.shape[:2]
    if count * edge > MAX_PLANES:
        raise InputError(f"{count} boxes of {edge} voxels are more than an MRC file holds; write them in parts.")
    statistics, done = Statistics(), 0
    with replacing(path) as fresh, fresh.open("wb") as file:
        file.truncate(HEADER_BYTES + 4 * count * edge**3)
        for places, values in boxes.batches():
            for place, box in zip(places.tolist(), values, strict=True):
                file.seek(HEADER_BYTES + 4 * edge**3 * place)
                file.write(np.ascontiguousarray(box, dtype="<f4").data)
            statistics.add(values)
            done += len(places)
            yield Progress(Stage.EXTRACT, done, count)
        file.seek(0)
        file.write(_header(fresh.with_suffix(".header"), boxes, statistics))
    return path


def _header(path: Path, boxes: ParticleBoxes, statistics: Statistics) -> bytes:
    """An MRC2014 header made by mrcfile, at `path` for a while, for one voxel, with the stack filled in."""
    import mrcfile

    count, edge = boxes.shape[:2]
    grid, binning = boxes.particles.grid, boxes.settings.box_binning
    sizes = grid.angstroms() if is_length(grid.unit) else (0.0, 0.0, 0.0)
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(np.zeros((1, 1, 1, 1), np.float32))
        header = file.header
        header.ispg = VOLUME_STACK
        header.nz, header.ny, header.nx = count * edge, edge, edge
        header.mz, header.my, header.mx = edge, edge, edge
        for axis, size in zip("zyx", sizes, strict=True):
            header.cella[axis] = edge * size * binning
        header.dmin, header.dmax, header.dmean, header.rms = statistics.fields()
        made = bytes(header.tobytes())
    path.unlink()
    return made
