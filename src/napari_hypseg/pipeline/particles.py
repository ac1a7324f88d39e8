"""Particles of a structure, or of a file, and how many each parent has: one job for window and command."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.particles.counting import ParticleCount, count_particles, count_per_parent, with_nearest
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.junk import Place, junk_mask
from napari_hypseg.particles.parents import assign_parents_job
from napari_hypseg.particles.particle_files import read_particles
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.picking import pick_particles_job
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.pipeline.measured import NamedMask
from napari_hypseg.project.project import Project
from napari_hypseg.structures.filled_sections import enclosed_share_job
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.structures.measured_objects import MeasuredGroup, MeasuredObject, MeasuredPlace
from napari_hypseg.structures.measurement_table import MeasurementTable
from napari_hypseg.structures.measurements import measure_job

HOLLOW = 0.1
"""What a structure encloses in its sections, relative to its own volume, from which it is said to be hollow."""


@dataclass(frozen=True, eq=False)
class ParentChoice:
    """What particles are counted on, piece by piece.

    Parameters
    ----------
    structure
        Its name and mask.
    pieces
        How it falls into pieces.
    reach
        How far outside a piece a particle still belongs to it, in the unit of the voxel size; None for three voxels.
    """

    structure: NamedMask
    pieces: InstanceSettings
    reach: float | None = None


@dataclass(frozen=True, eq=False)
class CountedParticles:
    """Particles with what was counted.

    Parameters
    ----------
    particles
        With the scalars ``"nearest"``, and ``"parent"`` if parents were asked for.
    count
        Numbers of all of them.
    parents
        One row for each piece of the parent, None if none was asked for.
    notes
        Sentences about what was assumed or left out.
    everything
        All that were found, junk included, in the order in which they were found; None where that is `particles`.
    junk
        bool: which of `everything` a person has marked as junk, and so left out; None where none is.
    hollow
        A sentence, where pieces are hollow and were not filled.
    """

    particles: ParticleSet
    count: ParticleCount
    parents: MeasurementTable | None = None
    notes: tuple[str, ...] = ()
    everything: ParticleSet | None = None
    junk: npt.NDArray[np.bool_] | None = None
    hollow: str = ""


def find_particles_job(
    one: NamedMask,
    grid: TomogramGrid,
    settings: PickSettings,
    pieces: InstanceSettings,
    parent: ParentChoice | None = None,
    junk: Collection[Place] = (),
) -> Job[CountedParticles]:
    """Find the particles of a structure or region and count those that are no junk, yielding `Progress`.

    Parameters
    ----------
    one, grid, settings, pieces
        What they are found in, where, and how.
    parent
        What they are counted on, None for nothing.
    junk
        Places in voxels (z, y, x) of particles that a person has marked as junk.

    Raises
    ------
    InputError
        If it is empty.
    SettingError
        If no particle is left.
    """
    found = yield from pick_particles_job(one.mask, grid, settings, pieces, one.name)
    counted = yield from _count_good_job(found, parent, junk)
    if settings.source != "surface" and not pieces.fill_hollow:
        share = yield from enclosed_share_job(one.mask)
        if share > HOLLOW:
            hollow = f"{one.name} is hollow: it encloses {share:.0%} of its own volume; fill it to count shells whole."
            counted = replace(counted, hollow=hollow, notes=(hollow, *counted.notes))
    return counted


def read_particles_job(
    path: Path,
    grid: TomogramGrid,
    settings: FileSettings,
    parent: ParentChoice | None = None,
    junk: Collection[Place] = (),
) -> Job[CountedParticles]:
    """Read the particles that somebody has picked elsewhere and count those that are no junk, yielding `Progress`.

    Parameters
    ----------
    path, grid, settings
        The file, the tomogram that it is of, and what the file does not say itself.
    parent, junk
        As in `find_particles_job`.

    Raises
    ------
    InputError
        If the file is damaged or of another tomogram, columns are missing, or all particles lie outside.
    """
    yield Progress("pick", 0)
    read = read_particles(path, grid, settings)
    counted = yield from _count_good_job(read.particles, parent, junk)
    return replace(counted, notes=(*read.notes, *counted.notes))


def _count_good_job(found: ParticleSet, parent: ParentChoice | None, junk: Collection[Place]) -> Job[CountedParticles]:
    """Count what is no junk, and keep all the rest beside it."""
    marked = junk_mask(found, junk)
    counted = yield from count_particles_job(found.take(~marked), parent)
    if not marked.any():
        return counted
    number, verb = int(marked.sum()), "is" if marked.sum() == 1 else "are"
    note = f"{number} of the {len(found)} particles {verb} marked as junk and left out."
    return replace(counted, everything=found, junk=marked, notes=(*counted.notes, note))


def junk_of(project: Project, one: NamedMask, specimen: int) -> Collection[Place]:
    """Places that were marked as junk in what `one` stands for, none for a region."""
    annotation = None if project.structures is None else project.structures.annotation
    structure = None if annotation is None else annotation.structures.get(one.id)
    if annotation is None or structure is None or structure.name != one.name:
        return ()
    return annotation.junk_places(one.id, specimen)


def count_particles_job(particles: ParticleSet, parent: ParentChoice | None = None) -> Job[CountedParticles]:
    """Count particles, wherever they are from, and on each piece of `parent` if there is one."""
    particles = with_nearest(particles)
    if parent is None:
        return CountedParticles(particles, count_particles(particles))
    grid, name = particles.grid, parent.structure.name
    found = yield from instances_job(parent.structure.mask, grid.voxel_size, parent.pieces)
    numbers = yield from assign_parents_job(particles, found, parent.reach)
    rows = tuple(MeasuredObject(piece, piece, f"{name} #{piece}", name) for piece in range(1, found.count + 1))
    group = MeasuredGroup(found.data, rows, found.data.box)
    measured = yield from measure_job([group], MeasuredPlace(grid.voxel_size, grid.unit, grid.origin))
    particles = particles.with_scalars(parent=numbers.astype(np.int64))
    return CountedParticles(particles, count_particles(particles), count_per_parent(particles, numbers, measured))
