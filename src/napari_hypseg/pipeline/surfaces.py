"""Surfaces of structures or regions of a project: one job for window and command."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import OutputError
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.pipeline.measured import NamedMask, Rgba, structure_masks
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


@dataclass(frozen=True)
class SurfaceHead:
    """What a surface is of: id, name and colour (RGBA in [0, 1]) of the structure."""

    id: int
    name: str
    colour: Rgba


def surface_file_job(
    project: Project, names: Sequence[str], specimen: int, settings: SurfaceSettings, path: Path
) -> Job[tuple[SurfaceHead, ...]]:
    """Make the surfaces of structures, by default of all, and put their triangles into a file for `read_surfaces`.

    Structures without a voxel have none, which a `Notice` says.

    Raises
    ------
    OutputError
        If there is no room for the file.
    """
    objects = structure_masks(project, names, specimen)
    meshes = yield from surfaces_job(project, objects, specimen, settings)
    pairs = [(one, mesh) for one, mesh in zip(objects, meshes, strict=True) if len(mesh.faces)]
    for one, mesh in zip(objects, meshes, strict=True):
        if not len(mesh.faces):
            yield Notice(f"{one.name} has no voxels here and so no surface.")
    arrays: dict[str, Any] = {f"vertices_{n}": mesh.vertices for n, (_, mesh) in enumerate(pairs)}
    arrays |= {f"faces_{n}": mesh.faces for n, (_, mesh) in enumerate(pairs)}
    try:
        np.savez(path, **arrays)
    except OSError as error:
        raise OutputError(
            f"The surfaces cannot be written to {path.parent} ({error.strerror}); free some space there or let the "
            "environment variable TMPDIR name another folder."
        ) from error
    return tuple(SurfaceHead(one.id, one.name, one.colour) for one, _ in pairs)


def read_surfaces(path: Path, heads: Sequence[SurfaceHead], unit: str) -> tuple[SurfaceMesh, ...]:
    """The surfaces that `surface_file_job` has put into a file."""
    with np.load(path) as arrays:
        return tuple(
            SurfaceMesh(arrays[f"vertices_{n}"], arrays[f"faces_{n}"], unit, head.name, head.colour)
            for n, head in enumerate(heads)
        )
