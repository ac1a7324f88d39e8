"""Box files: where the sample was found, as small JSON that the next command and other programs read."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.storage.json_text import read_json
from napari_hypseg.storage.reading import reading
from napari_hypseg.volumes.alignment import align_box
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.orientation import as_direction
from napari_hypseg.volumes.proposal import Proposal
from napari_hypseg.volumes.units import PIXEL, parse_unit
from napari_hypseg.volumes.volume import Vector3, Volume

SUFFIX = ".json"
NEEDED = '{"start": [z, y, x], "stop": [z, y, x]} in whole voxels, with 0 ≤ start < stop'
DIGITS = 6


def write_box(path: Path, proposal: Proposal, volume: Volume) -> None:
    """Write the box of `proposal` and what is worth knowing about it; the file appears whole or not at all.

    Raises
    ------
    OutputError
        If `path` is a file of the volume, lies in a project, or cannot be written.
    """
    check_no_overwrite([path], volume.sources)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(box_record(proposal, volume), indent=2, allow_nan=False) + "\n", "utf-8")


def box_record(proposal: Proposal, volume: Volume) -> dict[str, Any]:
    """What a box file holds, as plain values: voxels of the full grid, order zyx, half-open."""
    return {
        "start": [int(n) for n in proposal.box.start],
        "stop": [int(n) for n in proposal.box.stop],
        "certainty": round(float(proposal.certainty), DIGITS),
        "method": proposal.method,
        "name": volume.name,
        "shape": list(volume.shape),
        "voxel_size": [float(edge) for edge in volume.voxel_size],
        "unit": volume.unit,
        "origin": [float(start) for start in volume.origin],
        "direction": None if volume.direction is None else [list(row) for row in volume.direction],
        "share": round(proposal.box.size / volume.box.size, DIGITS),
        "notes": list(proposal.notes),
    }


def parse_box(text: str, volume: Volume | None = None, as_read: Volume | None = None) -> Box:
    """The box that a person named: ``z0:z1,y0:y1,x0:x1``, or the path of a box file.

    Raises
    ------
    SettingError
        If `text` is neither, or the file was made for another volume, see `read_box`.
    """
    return read_box(Path(text), volume, as_read) if text.lower().endswith(SUFFIX) else Box.parse(text)


def read_box(path: Path, volume: Volume | None = None, as_read: Volume | None = None) -> Box:
    """The box in a file, in the voxels of `volume`, whose axes may run in another order or sense than in the file.

    Parameters
    ----------
    path
        The file; any JSON file with `start` and `stop`, whoever wrote it.
    volume
        What the box is wanted for; nothing is compared without it.
    as_read
        The same volume as its own file has it, if its voxel size was corrected; the box may fit either.

    Raises
    ------
    SettingError
        If the file is no box file, or says that it was made for a volume on another grid.
    """
    record = _load(path)
    start, stop = _index3(record, "start"), _index3(record, "stop")
    if start is None or stop is None or not all(0 <= a < b for a, b in zip(start, stop, strict=True)):
        raise SettingError(f"{path} is not a box file; it needs {NEEDED}.")
    box, shape = Box(start, stop), _index3(record, "shape")
    if volume is None or shape is None:
        return box
    try:
        return _fitted(box, record, shape, volume)
    except InputError as error:
        if as_read is None or (as_read.voxel_size, as_read.unit) == (volume.voxel_size, volume.unit):
            raise SettingError(f"{path} was made for another volume: {error} Name the box of this volume.") from error
    return read_box(path, as_read)


def _fitted(box: Box, record: dict[str, Any], shape: Index3, volume: Volume) -> Box:
    """`box`, which was made for a volume of a recorded grid, in the voxels of `volume`.

    Files of earlier versions and of other programs say less than the whole place; what they leave out fits.

    Raises
    ------
    InputError
        If it was made for another grid.
    """
    size, origin = _vector3(record, "voxel_size"), _vector3(record, "origin")
    unit = parse_unit(str(record.get("unit"))) or PIXEL
    rows = record.get("direction")
    direction = [_vector3({"row": row}, "row") for row in rows] if isinstance(rows, list) else []
    made_for = replace(
        volume,
        channels=(np.broadcast_to(np.uint8(0), shape),),
        name=f"the volume {record.get('name', 'it was made for')}",
        voxel_size=size if size and min(size) > 0 else volume.voxel_size,
        unit=unit,
        origin=origin or (volume.origin if unit == volume.unit else (0.0, 0.0, 0.0)),
        direction=as_direction(direction) if len(direction) == 3 and all(direction) else None,
    )
    return align_box(box, made_for, volume)


def _load(path: Path) -> dict[str, Any]:
    with reading(path, "box file", f"it needs {NEEDED}", SettingError):
        record = read_json(path)
    if not isinstance(record, dict):
        raise SettingError(f"{path} is not a box file; it needs {NEEDED}.")
    return record


def _index3(record: dict[str, Any], key: str) -> Index3 | None:
    """Three whole numbers under `key`, None if they are something else."""
    values = record.get(key)
    if not isinstance(values, list) or len(values) != 3 or not all(type(value) is int for value in values):
        return None
    z, y, x = values
    return z, y, x


def _vector3(record: dict[str, Any], key: str) -> Vector3 | None:
    """Three finite numbers under `key`, None if they are something else."""
    values = record.get(key)
    if not isinstance(values, list) or len(values) != 3 or not all(type(value) in (int, float) for value in values):
        return None
    z, y, x = map(float, values)
    return (z, y, x) if all(map(math.isfinite, (z, y, x))) else None
