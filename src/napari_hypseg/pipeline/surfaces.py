"""Surfaces of structures or regions of a project: one job for window and command."""

from collections.abc import Sequence

from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.measured import NamedMask
from napari_hypseg.project.project import Project
from napari_hypseg.structures.surface_mesh import SurfaceMesh, SurfaceSettings, surface_mesh_job


def surfaces_job(
    project: Project, objects: Sequence[NamedMask], specimen: int, settings: SurfaceSettings
) -> Job[tuple[SurfaceMesh, ...]]:
    """The surface of each of `objects`, from `structure_masks` or `region_masks`, in its place in the world."""
    record = project.specimen_record(specimen)
    made = []
    for one in objects:
        job = surface_mesh_job(
            one.mask,
            record.voxel_size,
            record.origin,
            settings,
            unit=record.unit,
            name=one.name,
            colour=one.colour,
        )
        made.append((yield from job))
    return tuple(made)
