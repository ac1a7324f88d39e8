"""From a structure to particles: whichever way they are found, then by size and spacing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.jobs import Job
from napari_hypseg.particles.distance_maxima import distance_maxima_job
from napari_hypseg.particles.instance_centres import instance_centres_job
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.pick_settings import PickSettings, Source
from napari_hypseg.particles.spacing import spaced_job
from napari_hypseg.particles.surface_points import surface_points_job
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.structures.instances import InstanceSettings
from napari_hypseg.structures.length_units import unit_symbol
from napari_hypseg.volumes import LazyArray

Picker: TypeAlias = Callable[[LazyArray, TomogramGrid, PickSettings, InstanceSettings], Job[ParticleSet]]
PICKERS: Mapping[Source, Picker] = MappingProxyType(
    {"instances": instance_centres_job, "maxima": distance_maxima_job, "surface": surface_points_job}
)
"""Ways from a mask to particles, by their names in the settings."""


def pick_particles_job(
    mask: LazyArray,
    grid: TomogramGrid,
    settings: PickSettings,
    pieces: InstanceSettings | None = None,
    name: str = "particles",
) -> Job[ParticleSet]:
    """Particles of a mask, yielding `Progress`.

    Parameters
    ----------
    mask
        (z, y, x) on `grid`; voxels above 0 count.
    grid
        The tomogram.
    settings, pieces
        How particles are found, and what an instance is.
    name
        Of the structure.

    Raises
    ------
    InputError
        If the mask is empty.
    SettingError
        If none is left, with the sizes there are.
    """
    picker = PICKERS[settings.source]
    found = replace((yield from picker(mask, grid, settings, pieces or InstanceSettings())), name=name)
    if not len(found):
        raise InputError(_nothing_found(name, grid, pieces))
    found = _of_size(found, settings)
    if settings.spacing is not None and settings.source != "surface":
        world = found.positions * np.array(grid.voxel_size)
        order = np.argsort(-found.scalars["diameter"], kind="stable")
        found = found.take((yield from spaced_job(world, settings.spacing, order)))
    return found


def _nothing_found(name: str, grid: TomogramGrid, pieces: InstanceSettings | None) -> str:
    if pieces is not None and pieces.smallest(grid.voxel_size) > 1:
        return f"{name} has no piece of {round(pieces.smallest(grid.voxel_size))} voxels or more; lower that number."
    return f"{name} has no voxels in {grid.name}, and so no particles; choose another structure or specimen."


def _of_size(found: ParticleSet, settings: PickSettings) -> ParticleSet:
    """Those whose diameter is wanted.

    Raises
    ------
    SettingError
        If there are none, or diameters are not known.
    """
    low, high = settings.min_diameter, settings.max_diameter
    if low == 0 and high is None:
        return found
    if "diameter" not in found.scalars:
        raise SettingError("Points on a surface have no diameter; leave the smallest and the largest one out.")
    diameters = found.scalars["diameter"]
    kept = (diameters >= low) & (diameters <= (np.inf if high is None else high))
    if not kept.any():
        unit = unit_symbol(found.grid.unit)
        raise SettingError(
            f"None of the {len(found)} particles of {found.name} is {_range_words(low, high)} {unit} across; they are "
            f"{diameters.min():.4g} to {diameters.max():.4g} {unit}: change the smallest or the largest diameter."
        )
    return found.take(kept)


def _range_words(low: float, high: float | None) -> str:
    if high is None:
        return f"{low:g} or more"
    return f"{low:g} to {high:g}" if low else f"up to {high:g}"
