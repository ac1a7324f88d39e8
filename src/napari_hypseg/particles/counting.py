"""How many, how dense and how near one another: the numbers that are asked of particles."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.particles.particle_set import LENGTHS, ParticleSet
from napari_hypseg.particles.spacing import nearest_distances
from napari_hypseg.structures.measurement_table import Column, MeasurementTable
from napari_hypseg.volumes.units import convert, is_length

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DENSITY_UNIT = "micrometer"
COUNT = "Number of particles that belong to it."
PER_VOLUME = "Particles for each µm³ of its volume."
PER_SURFACE = "Particles for each µm² of its surface."
PLACE = "Position in the world, along the axes of the volume."
LENGTH = "equivalent_diameter"
"""Column of a table of pieces whose unit is that of all lengths in it."""
NEAREST = "Mean distance of its particles to the nearest other one of it."


@dataclass(frozen=True)
class ParticleCount:
    """Numbers of a whole set.

    Parameters
    ----------
    count
        Particles.
    nearest
        Median distance to the nearest other particle in the unit of the voxel size, None for fewer than two.
    density
        Particles for each µm³ of the tomogram, None where the voxel size is not known.
    free
        Particles that belong to no parent, None where none was asked for.
    """

    count: int
    nearest: float | None
    density: float | None
    free: int | None = None


def count_particles(particles: ParticleSet) -> ParticleCount:
    """Count, nearest distance and density of particles; `with_nearest` and parents are taken where they are known."""
    distances = particles.scalars.get("nearest", nearest_distances(particles.world))
    nearest = float(np.median(distances)) if len(particles) > 1 else None
    grid, parents = particles.grid, particles.scalars.get("parent")
    volume = float(np.prod(grid.voxel_size)) * float(np.prod(grid.shape))
    density = len(particles) / (volume * convert(1.0, grid.unit, DENSITY_UNIT) ** 3) if is_length(grid.unit) else None
    return ParticleCount(len(particles), nearest, density, None if parents is None else int((parents == 0).sum()))


def with_nearest(particles: ParticleSet) -> ParticleSet:
    """The particles with the distance of each to the nearest other one, in the unit of the voxel size."""
    return particles.with_scalars(nearest=nearest_distances(particles.world))


def particle_table(particles: ParticleSet) -> MeasurementTable:
    """One row for each particle: its number, its place in the world, and what is known of it."""
    unit = particles.grid.unit
    columns = [Column("id", "Id", np.arange(1, len(particles) + 1), description="Number of the particle.")]
    for number, axis in enumerate("zyx"):
        columns.append(Column(f"centroid_{axis}", axis, particles.world[:, number], unit, 1, PLACE))
    for name, values in particles.scalars.items():
        columns.append(Column(name, name.replace("_", " ").capitalize(), values, unit if name in LENGTHS else ""))
    return MeasurementTable(tuple(columns))


def count_per_parent(particles: ParticleSet, parents: Ints, measured: MeasurementTable) -> MeasurementTable:
    """The table of the parents with how many particles belong to each.

    Parameters
    ----------
    particles
        n.
    parents
        Number (n,) of the parent of each, 0 for none.
    measured
        One row for each parent, by its column ``id``.
    """
    ids = measured["id"]
    counts = np.bincount(parents, minlength=int(ids.max(initial=0)) + 1)[ids]
    nearest = np.array([_mean_nearest(particles.world[parents == number]) for number in ids], dtype=np.float64)
    columns = [Column("particles", "Particles", counts.astype(np.int64), description=COUNT)]
    for key, name, description in (("volume", "µm³", PER_VOLUME), ("surface", "µm²", PER_SURFACE)):
        column = measured.column(key)
        if is_length(column.unit):
            sizes = column.values * convert(1.0, column.unit, DENSITY_UNIT) ** column.power
            dense = counts / np.where(sizes > 0, sizes, np.nan)
            columns.append(Column(f"per_um{column.power}", f"Per {name}", dense, description=description))
    unit = measured.column(LENGTH).unit  # one table, one unit
    if is_length(unit):
        nearest = nearest * convert(1.0, particles.grid.unit, unit)
    columns.append(Column("nearest", "Nearest", nearest, unit, 1, NEAREST))
    first = ("id", "name")
    named, rest = (
        [column for column in measured.columns if (column.key in first) is wanted] for wanted in (True, False)
    )
    return MeasurementTable((*named, *columns, *rest))


def _mean_nearest(points: Floats) -> float:
    return float(nearest_distances(points).mean()) if len(points) > 1 else np.nan
