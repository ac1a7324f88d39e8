"""Box files: where the sample was found, as small JSON that the next command and other programs read."""

import json
from pathlib import Path
from typing import Any

from napari_hypseg.errors import SettingError
from napari_hypseg.io.inputs import refuse_inputs
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.storage.json_text import read_json
from napari_hypseg.storage.reading import reading
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.proposal import Proposal
from napari_hypseg.volumes.volume import Volume

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
    refuse_inputs([path], volume.sources)
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
        "share": round(proposal.box.size / volume.box.size, DIGITS),
        "notes": list(proposal.notes),
    }


def parse_box(text: str, shape: Index3 | None = None) -> Box:
    """The box that a person named: ``z0:z1,y0:y1,x0:x1``, or the path of a box file.

    Raises
    ------
    SettingError
        If `text` is neither, or the file was made for a volume of another `shape`.
    """
    return read_box(Path(text), shape) if text.lower().endswith(SUFFIX) else Box.parse(text)


def read_box(path: Path, shape: Index3 | None = None) -> Box:
    """The box in a file.

    Parameters
    ----------
    path
        The file; anybody's JSON with start and stop will do.
    shape
        Grid (z, y, x) of the volume it is wanted for.

    Raises
    ------
    SettingError
        If the file is no box file, or says that it was made for a volume of another shape.
    """
    record = _load(path)
    start, stop = _index3(record, "start"), _index3(record, "stop")
    if start is None or stop is None or not all(0 <= a < b for a, b in zip(start, stop, strict=True)):
        raise SettingError(f"{path} is not a box file; it needs {NEEDED}.")
    made_for = _index3(record, "shape")
    if shape is not None and made_for is not None and made_for != shape:
        raise SettingError(
            f"{path} was made for a volume of {_grid(made_for)} voxels and does not fit one of {_grid(shape)}; "
            "name the box of this volume."
        )
    return Box(start, stop)


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


def _grid(shape: Index3) -> str:
    return "×".join(map(str, shape))
