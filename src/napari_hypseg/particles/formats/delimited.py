"""Tables of particles as comma-separated text: our own with all that is known, and those of napari's points layers."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.picks import Picks, scale_of
from napari_hypseg.particles.particle_set import LENGTHS, ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.structures.length_units import plain_unit
from napari_hypseg.volumes.units import is_length

Floats = npt.NDArray[np.float64]
PLACES = (("z_voxel", "y_voxel", "x_voxel"), ("axis-0", "axis-1", "axis-2"), ("z", "y", "x"))
"""Heads of the columns of positions in voxels: of our own tables, of napari's, and of most others."""
QUATERNION = ("qx", "qy", "qz", "qw")
SEPARATORS = (",", ";", "\t")
KNOWN = ("score", "class", "parent")


def read(path: Path, grid: TomogramGrid, settings: FileSettings) -> Picks:
    """Particles from a table with a line of heads; positions are in voxels.

    Cells are parted by commas, or as spreadsheets do it elsewhere, by semicolons with decimal commas, or by tabs.

    Raises
    ------
    InputError
        If the columns of the positions are missing, naming those there are.
    """
    heads, rows = _table_of(path.read_text("utf-8-sig"))
    axes = next((names for names in PLACES if all(name in heads for name in names)), None)
    if axes is None:
        there = ", ".join(heads[:12]) or "nothing"
        raise InputError(f"{path} has no columns z, y and x of positions in voxels, only {there}; name them so.")
    places = _numbers(rows, heads, axes, path)
    said, notes = 1.0, tuple[str, ...]()
    if settings.pixel_size is not None and is_length(grid.unit):
        said, notes = scale_of(None, settings, grid.pixel_size(), path, grid.name)
    turned = _numbers(rows, heads, QUATERNION, path) if all(name in heads for name in QUATERNION) else None
    unit = plain_unit(grid.unit)  # in which the heads of lengths end; one in another unit is passed over
    names = {name: name for name in KNOWN} | {name: f"{name}_{unit}".casefold() for name in LENGTHS}
    scalars = {name: _numbers(rows, heads, (head,), path)[:, 0] for name, head in names.items() if head in heads}
    return Picks(places * said, turned, scalars, notes)


def text(particles: ParticleSet, settings: FileSettings) -> str:
    """Our own table: number, position in voxels and in the world, axis, quaternion and scalars."""
    columns: dict[str, Sequence[Any]] = {"id": range(1, len(particles) + 1)}
    unit = plain_unit(particles.grid.unit)
    for number, axis in enumerate("zyx"):
        columns[f"{axis}_voxel"] = particles.positions[:, number].tolist()
    for number, axis in enumerate("zyx"):
        columns[f"{axis}_{unit}"] = particles.world[:, number].tolist()
    if particles.orientations is not None:
        for number, axis in enumerate("zyx"):
            columns[f"axis_{axis}"] = particles.axes[:, number].tolist()
        columns |= dict(zip(QUATERNION, particles.orientations.T.tolist(), strict=True))
    for name, values in particles.scalars.items():
        columns[f"{name}_{unit}" if name in LENGTHS else name] = values.tolist()
    return _table(columns)


def napari_text(particles: ParticleSet, settings: FileSettings) -> str:
    """What napari writes for a points layer, and opens again as one; in voxels."""
    places = {f"axis-{axis}": particles.positions[:, axis].tolist() for axis in range(3)}
    return _table({"index": range(len(particles)), **places})


def _table(columns: Mapping[str, Sequence[Any]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow(f"{value:.9g}" if isinstance(value, float) else value for value in row)
    return made.getvalue()


def _table_of(written: str) -> tuple[list[str], list[list[str]]]:
    """Heads in lower case, and rows that are not empty."""
    first = written.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(written), delimiter=separator)
    heads = [head.strip().casefold() for head in next(lines, [])]
    rows = [row for row in lines if any(word.strip() for word in row)]
    if separator != SEPARATORS[0]:
        rows = [[word.replace(",", ".") for word in row] for row in rows]
    return heads, rows


def _numbers(rows: list[list[str]], heads: list[str], names: Sequence[str], path: Path) -> Floats:
    places = [heads.index(name) for name in names]
    values = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        try:
            values[number] = [float(row[place]) for place in places]
        except (ValueError, IndexError) as error:
            raise InputError(
                f"{path} has no number for {', '.join(names)} in row {number + 2}; complete the row or remove it."
            ) from error
    return values
