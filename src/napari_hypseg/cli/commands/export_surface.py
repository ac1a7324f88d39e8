"""Surfaces of structures or regions as mesh files, for `hypseg export --out shell.glb` and its like."""

import argparse

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.flags import given
from napari_hypseg.cli.parsing.objects import chosen_objects
from napari_hypseg.cli.parsing.output_paths import require_free
from napari_hypseg.cli.parsing.segmented_project import open_segmented
from napari_hypseg.errors import SettingError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.pipeline.surfaces import surfaces_job
from napari_hypseg.structures.mesh_files import write_meshes_job
from napari_hypseg.structures.surface_mesh import SurfaceSettings

OWNER = "surface"


def export_surface(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Make the surfaces and write them into one file.

    Raises
    ------
    HypsegError
        If the project, what was asked for or the path is not as it should be.
    """
    if arguments.format is not None:
        raise SettingError("--format is about volumes; leave it out, the ending says which mesh it is.")
    settings = SurfaceSettings.check(given(arguments, OWNER))
    project, _ = open_segmented(arguments.project, arguments.specimen, display, arguments.tree)
    check_no_overwrite([arguments.out], project.inputs)
    require_free([arguments.out], arguments.overwrite)
    objects = chosen_objects(arguments, project)
    meshes = drive_interruptible(surfaces_job(project, objects, arguments.specimen, settings), display.show)
    drive_interruptible(write_meshes_job(arguments.out, meshes, project.inputs), display.show)
    triangles = sum(len(mesh.faces) for mesh in meshes)
    record = {
        "path": arguments.out,
        "what": OWNER,
        "names": [mesh.name for mesh in meshes],
        "triangles": triangles,
        "specimen": arguments.specimen,
        "unit": meshes[0].unit,
    }
    many = "" if len(meshes) == 1 else "s"
    told = f"{arguments.out} holds {len(meshes)} surface{many} of {triangles} triangles, lengths in {meshes[0].unit}."
    return Outcome(record, told)
