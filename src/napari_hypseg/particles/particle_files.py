"""Reading and writing of files of particles, with the checks that all formats share."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.picks import Picks
from napari_hypseg.particles.formats.registry import format_for
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.storage.atomic import write_bytes
from napari_hypseg.storage.reading import reading

SAME_PLACE = 0.01
"""Voxels within which two particles are one."""


@dataclass(frozen=True, eq=False)
class ReadParticles:
    """Particles of a file, and sentences about what was assumed or left out."""

    particles: ParticleSet
    notes: tuple[str, ...] = ()


def read_particles(path: Path, grid: TomogramGrid, settings: FileSettings | None = None) -> ReadParticles:
    """Particles of a tomogram from a file of RELION, Dynamo, copick or CSV.

    Those that stand there twice count once, and those outside the grid are left out; both is noted.

    Raises
    ------
    InputError
        If the file is damaged or of another tomogram, columns are missing, or all particles lie outside.
    """
    form = format_for(path)
    with reading(path, form.title):
        picks = form.read(path, grid, settings or FileSettings())
    if not len(picks.positions):
        raise InputError(f"{path} holds no particle; choose another file.")
    _check_numbers(picks, path)
    inside, outside_note = _inside(picks, grid, path)
    distinct, duplicate_note = _distinct(picks, inside, path)
    made = ParticleSet(grid, picks.positions, picks.orientations, path.stem, picks.scalars).take(distinct)
    return ReadParticles(made, (*picks.notes, *outside_note, *duplicate_note))


def write_particles(
    path: Path,
    particles: ParticleSet,
    settings: FileSettings | None = None,
    format_name: str | None = None,
    inputs: Iterable[Path] = (),
) -> None:
    """Write particles whole or not at all, in the format called `format_name` or that of the ending.

    Raises
    ------
    SettingError
        If there is no such format.
    InputError
        If the format needs a voxel size that is not known.
    OutputError
        If `path` is one of `inputs`, lies in a project, or cannot be written.
    """
    form = format_for(path, format_name)
    check_no_overwrite([path], inputs)
    write_bytes(path, form.text(particles, settings or FileSettings()).encode())


def _check_numbers(picks: Picks, path: Path) -> None:
    wrong = ~np.isfinite(picks.positions).all(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0]) + 1
        raise InputError(f"{path} has no position for particle {row}; complete its row or remove it.")


def _inside(picks: Picks, grid: TomogramGrid, path: Path) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
    size = np.array(grid.shape)
    inside: npt.NDArray[np.bool_] = np.all((picks.positions > -1) & (picks.positions < size), axis=1)
    n_outside = int((~inside).sum())
    if not n_outside:
        return inside, ()
    first = int(np.flatnonzero(~inside)[0])
    place = ", ".join(f"{value:.4g}" for value in picks.positions[first])
    words = "×".join(map(str, grid.shape))
    if n_outside == len(inside):
        raise InputError(
            f"All {n_outside} particles of {path} lie outside {grid.name} ({words} voxels, z y x), the first at "
            f"{place}; check that it is the same tomogram, and say the pixel size that the file counts in.",
            setting="pixel_size",
        )
    verb = "lies" if n_outside == 1 else "lie"
    note = (
        f"{n_outside} of the {len(inside)} particles of {path} {verb} outside {grid.name} ({words} voxels, z y x) and "
        f"are left out; the first is particle {first + 1} at {place}."
    )
    return inside, (note.replace("are left", "is left") if n_outside == 1 else note,)


def _distinct(picks: Picks, inside: npt.NDArray[np.bool_], path: Path) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Places of the particles inside, of those at one place the first."""
    from scipy.spatial import cKDTree

    rows = np.flatnonzero(inside)
    pairs = cKDTree(picks.positions[rows]).query_pairs(SAME_PLACE, output_type="ndarray")
    kept = np.ones(len(rows), dtype=bool)
    kept[np.unique(pairs.max(axis=1))] = False
    n_left_out = int((~kept).sum())
    if not n_left_out:
        return rows, ()
    verb = "particle stands" if n_left_out == 1 else "particles stand"
    return rows[kept], (f"{n_left_out} {verb} in {path} more than once; each counts once.",)
