"""Tables of Dynamo (``.tbl``): 35 columns or more, without a head, counted from 1 as its manual does.

Positions are in voxels of the tomogram. Like every converter between Dynamo and RELION this takes the coordinates of
both as the same number, the centre of the first voxel being 0.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.picks import Picks, orientations_of, scale_of
from napari_hypseg.particles.orientations import DYNAMO
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.volumes.units import is_length

Floats = npt.NDArray[np.float64]
TAG, ALIGNED, SHIFTS, ANGLES, CORRELATION, WEDGE = 1, 2, (4, 5, 6), (7, 8, 9), 10, 13
TOMOGRAM, REGION, CLASS, PLACE, PIXEL_SIZE = 20, 21, 22, (24, 25, 26), 36
LEAST, WRITTEN = 26, 35
SCALARS = {"score": CORRELATION, "parent": REGION, "class": CLASS}


def read(path: Path, grid: TomogramGrid, settings: FileSettings) -> Picks:
    """Particles of one tomogram from a table; shifts that an alignment has found are applied.

    Raises
    ------
    InputError
        If columns are missing, or several tomograms are in it and none is chosen.
    """
    table = _table(path)
    table = table[_of_tomogram(table, settings, path)]
    places = table[:, [column - 1 for column in PLACE]] + table[:, [column - 1 for column in SHIFTS]]
    sizes = table[:, PIXEL_SIZE - 1] if table.shape[1] >= PIXEL_SIZE else np.zeros(1)
    scale, notes = 1.0, tuple[str, ...]()
    if is_length(grid.unit):
        said = float(sizes[0]) if len(sizes) and sizes[0] > 0 else None
        scale, notes = scale_of(said, settings, grid.pixel_size(), path, grid.name)
    angles = table[:, [column - 1 for column in ANGLES]]
    orientations = orientations_of(angles, DYNAMO, settings, path)
    scalars = {name: table[:, column - 1] for name, column in SCALARS.items() if table[:, column - 1].any()}
    return Picks(places[:, ::-1] * scale, orientations, scalars, notes)


def text(particles: ParticleSet, settings: FileSettings) -> str:
    """A table of 35 columns, and a 36th with the pixel size if that is known."""
    known = is_length(particles.grid.unit)
    table = np.zeros((len(particles), PIXEL_SIZE if known else WRITTEN))
    voxel = particles.grid.pixel_size() if known else 1.0
    pixel = settings.pixel_size or voxel if known else voxel
    table[:, TAG - 1] = np.arange(1, len(particles) + 1)
    table[:, [ALIGNED - 1, WEDGE - 1]] = 1
    table[:, TOMOGRAM - 1] = settings.tomo_number or 1
    table[:, [column - 1 for column in PLACE]] = particles.positions[:, ::-1] * (voxel / pixel)
    table[:, [column - 1 for column in ANGLES]] = DYNAMO.angles(particles.quaternions)
    for name, column in SCALARS.items():
        if name in particles.scalars:
            table[:, column - 1] = particles.scalars[name]
    if known:
        table[:, PIXEL_SIZE - 1] = pixel
    return "".join(" ".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in row) + "\n" for row in table)


def _table(path: Path) -> Floats:
    """All rows, as many columns as the shortest of them has; what is no real number is NaN."""
    rows = [line.split() for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]
    if not rows:
        raise InputError(f"{path} is empty; choose the table of the particles.")
    width = min(map(len, rows))
    if width < LEAST:
        raise InputError(
            f"{path} has {width} columns, and a Dynamo table at least {LEAST} (x, y, z are 24 to 26); choose the table "
            "of the particles."
        )
    return np.array([[_number(word) for word in row[:width]] for row in rows])


def _number(word: str) -> float:
    """A number; some columns hold complex ones, which nothing here uses."""
    try:
        return float(word)
    except ValueError:
        return np.nan


def _of_tomogram(table: Floats, settings: FileSettings, path: Path) -> npt.NDArray[np.bool_]:
    numbers = table[:, TOMOGRAM - 1]
    there = sorted({int(number) for number in numbers if np.isfinite(number)})
    if settings.tomo_number:
        if settings.tomo_number not in there:
            raise InputError(
                f"{path} has no particle of tomogram {settings.tomo_number}, only of {', '.join(map(str, there))}.",
                setting="tomo_number",
            )
        return np.asarray(numbers == settings.tomo_number)
    if len(there) > 1:
        listed = ", ".join(map(str, there))
        raise InputError(f"{path} holds particles of the tomograms {listed}; say which one.", setting="tomo_number")
    return np.ones(len(table), dtype=bool)
