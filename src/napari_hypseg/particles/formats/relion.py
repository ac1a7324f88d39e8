"""STAR files of RELION 4 and 5.

RELION 4 counts in pixels of the tilt series from the centre of the first voxel. RELION 5 counts in Å from half the
tomogram's size, ``size / 2`` for odd and even sizes alike, so that the middle is between two voxels if it is odd.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.picks import Picks, orientations_of, scale_of
from napari_hypseg.particles.formats.star_columns import (
    ANGLES,
    CENTRED,
    PIXEL_SIZES,
    PIXELS,
    SCALARS,
    SHIFTS,
    SUBTOMOGRAM_ANGLES,
    TOMO_NAMES,
    Columns,
    Floats,
    first_of,
    numbers,
    read_columns,
)
from napari_hypseg.particles.formats.tomogram_names import rows_of_tomogram
from napari_hypseg.particles.orientations import RELION, from_matrices, matrices
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.volumes.units import is_length


def read(path: Path, grid: TomogramGrid, settings: FileSettings) -> Picks:
    """Particles of one tomogram from a STAR file of RELION 3, 4 or 5; which one is told by its labels.

    Shifts that a refinement has found (rlnOriginXAngst) are applied.

    Raises
    ------
    InputError
        If columns are missing, or the file is of another tomogram.
    """
    columns, optics = read_columns(path)
    named = first_of(columns, TOMO_NAMES)
    if named is not None:
        rows = rows_of_tomogram(columns[named], grid.name, settings, path)
        columns = {label: values[rows] for label, values in columns.items()}
    centred = all(label in columns for label in CENTRED)
    voxels, notes = (_centred if centred else _pixels)(path, columns, optics, grid, settings)
    orientations, shifts = _turned_and_shifted(path, columns, settings)
    if shifts.any():
        voxels = voxels - shifts[:, ::-1] / np.array(grid.angstroms())
    scalars = {}
    for name, labels in SCALARS.items():
        label = first_of(columns, labels)
        if label is not None and columns[label].dtype.kind in "iuf":
            scalars[name] = columns[label].astype(np.float64)
    return Picks(voxels, orientations, scalars, notes)


def _centred(
    path: Path, columns: Columns, optics: Columns, grid: TomogramGrid, settings: FileSettings
) -> tuple[Floats, tuple[str, ...]]:
    found = numbers(columns, CENTRED, path)
    return found / np.array(grid.angstroms()) + np.array(grid.shape) / 2, ()


def _pixels(
    path: Path, columns: Columns, optics: Columns, grid: TomogramGrid, settings: FileSettings
) -> tuple[Floats, tuple[str, ...]]:
    found = numbers(columns, PIXELS, path)
    said = next((size for size in (_pixel_size(columns), _pixel_size(optics)) if size is not None), None)
    if not is_length(grid.unit):
        return found, ()
    scale, notes = scale_of(said, settings, grid.pixel_size(), path, grid.name)
    return found * scale, notes


def _pixel_size(columns: Columns) -> float | None:
    label = first_of(columns, PIXEL_SIZES)
    if label is None or not len(columns[label]):
        return None
    size = float(columns[label][0])
    if label == "rlnDetectorPixelSize":  # µm on the detector, at a magnification
        size *= 1e4 / float(columns["rlnMagnification"][0]) if "rlnMagnification" in columns else 1.0
    return size if np.isfinite(size) and size > 0 else None


def _turned_and_shifted(path: Path, columns: Columns, settings: FileSettings) -> tuple[Floats | None, Floats]:
    """Orientations (n, 4), None without angles, and shifts (n, 3) in Å along (x, y, z) of the tomogram."""
    count = len(next(iter(columns.values())))
    shifts = np.zeros((count, 3))
    if first_of(columns, SHIFTS) is not None:
        zeros = np.zeros(count)
        shifts = numbers({label: columns.get(label, zeros) for label in SHIFTS}, SHIFTS, path)
    turned = [
        orientations_of(numbers(columns, labels, path), RELION, settings, path) if _all(columns, labels) else None
        for labels in (ANGLES, SUBTOMOGRAM_ANGLES)
    ]
    particle, subtomogram = turned
    if subtomogram is None:
        return particle, shifts
    outer = matrices(subtomogram)
    shifts = np.einsum("nij,nj->ni", outer, shifts)
    return subtomogram if particle is None else from_matrices(outer @ matrices(particle)), shifts


def _all(columns: Columns, labels: tuple[str, ...]) -> bool:
    return all(label in columns for label in labels)


def text4(particles: ParticleSet, settings: FileSettings) -> str:
    """A STAR file of RELION 4: pixels of the tilt series, whose size stands in an optics group.

    Raises
    ------
    InputError
        If the voxel size is not known, or voxels are not cubes.
    """
    voxel = particles.grid.pixel_size()
    pixel = settings.pixel_size or voxel
    coordinates = particles.positions * (voxel / pixel)
    optics = {
        "rlnOpticsGroup": [1],
        "rlnOpticsGroupName": ["opticsGroup1"],
        "rlnTomoTiltSeriesPixelSize": [pixel],
        "rlnImagePixelSize": [voxel],
    }
    return _text(
        {"optics": optics, "particles": {**_described(particles, settings, PIXELS, coordinates), **_group(particles)}}
    )


def text5(particles: ParticleSet, settings: FileSettings) -> str:
    """A STAR file of RELION 5: Å from the middle of the tomogram. RELION adds optics groups when it imports them.

    Raises
    ------
    InputError
        If the voxel size is not known.
    """
    middle = np.array(particles.grid.shape) / 2
    centred = (particles.positions - middle) * np.array(particles.grid.angstroms())
    return _text({"particles": _described(particles, settings, CENTRED, centred)})


def _described(
    particles: ParticleSet, settings: FileSettings, labels: tuple[str, str, str], coordinates: Floats
) -> dict[str, Any]:
    """The columns of both versions: name of the tomogram, coordinates, angles and scalars."""
    count = len(particles)
    columns: dict[str, Any] = {"rlnTomoName": [settings.tomo_name or particles.grid.name] * count}
    for label, values in zip(labels[::-1], coordinates.T[::-1], strict=True):
        columns[label] = values
    if particles.orientations is not None:
        columns |= dict(zip(ANGLES, RELION.angles(particles.orientations).T, strict=True))
    columns |= {label: np.zeros(count) for label in SHIFTS}
    for name, (label, *_) in SCALARS.items():
        if name in particles.scalars:
            values = particles.scalars[name]
            columns[label] = values if name == "score" else np.asarray(values).astype(np.int64)
    return columns


def _group(particles: ParticleSet) -> dict[str, Any]:
    return {
        "rlnTomoParticleId": np.arange(1, len(particles) + 1),
        "rlnOpticsGroup": np.ones(len(particles), dtype=np.int64),
    }


def _text(blocks: Mapping[str, Mapping[str, Any]]) -> str:
    import pandas as pd
    import starfile

    return str(starfile.to_string({name: pd.DataFrame(columns) for name, columns in blocks.items()}))
