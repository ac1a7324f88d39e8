"""Meshes as files that other programs open at true scale: STL, PLY, OBJ and GLB.

Coordinates are (x, y, z) in the unit of the volume. None of the four formats but GLB says what a length means, and
GLB's metres would put a virus below what viewers can draw, so the unit is only noted in the file, where it has room.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.storage.atomic import write_bytes
from napari_hypseg.structures.surface_mesh import SurfaceMesh

if TYPE_CHECKING:
    from trimesh import Scene, Trimesh

MAKER = "napari-hypseg"


@dataclass(frozen=True)
class MeshFormat:
    """A format that dialogs offer: its name, its title, and the endings it is written with."""

    name: str
    title: str
    written: tuple[str, ...]


MESH_FORMATS = (
    MeshFormat("glb", "glTF scene, names and colours", (".glb",)),
    MeshFormat("ply", "PLY, colours", (".ply",)),
    MeshFormat("obj", "OBJ, names", (".obj",)),
    MeshFormat("stl", "STL, triangles alone", (".stl",)),
)
ROUGHNESS = 0.6
"""Of the material in scenes: neither plastic nor chalk."""


def write_meshes_job(path: Path, meshes: Sequence[SurfaceMesh], inputs: Iterable[Path] = ()) -> Job[Path]:
    """Write meshes into one file, whole or not at all; the ending of `path` says which format.

    OBJ and GLB keep them apart by their names, PLY by their colours; in STL they are one.

    Raises
    ------
    SettingError
        If the ending is no mesh format's.
    InputError
        If a mesh has no triangle.
    OutputError
        If `path` is one of `inputs`, lies in a project, or cannot be written.
    """
    encode = mesh_encoder(path)
    check_no_overwrite([path], inputs)
    empty = next((mesh for mesh in meshes if not len(mesh.faces)), None)
    if empty is not None:
        raise InputError(f"{empty.name} has no voxels and so no surface; leave it out or give it some.")
    yield Progress(Stage.EXPORT, 0, 2)
    content = encode(meshes)
    yield Progress(Stage.EXPORT, 1, 2)
    write_bytes(path, content)
    return path


def is_mesh_file(path: Path) -> bool:
    """Whether the ending of `path` is that of a mesh format."""
    return path.suffix.lower() in ENCODERS


def mesh_encoder(path: Path) -> Callable[[Sequence[SurfaceMesh]], bytes]:
    """What turns meshes into the content of such a file.

    Raises
    ------
    SettingError
        If the ending is no mesh format's.
    """
    if not is_mesh_file(path):
        raise SettingError(f"A surface cannot be written as {path.name}; let the name end in {', '.join(ENCODERS)}.")
    return ENCODERS[path.suffix.lower()]


def _trimesh(mesh: SurfaceMesh, with_material: bool = False) -> "Trimesh":
    """A mesh with its colour at each vertex, or as one material, which is what viewers of scenes look at."""
    from trimesh import Trimesh, visual

    made = Trimesh(mesh.vertices[:, ::-1], mesh.faces, process=False)
    made.metadata["name"] = mesh.name
    if mesh.colour is None:
        return made
    colour = np.rint(np.array(mesh.colour) * 255).astype(np.uint8)
    if with_material:
        see_through = "BLEND" if colour[3] < 255 else "OPAQUE"
        kinds: Any = visual  # carries no types
        material = kinds.material.PBRMaterial(
            mesh.name, baseColorFactor=colour, metallicFactor=0.0, roughnessFactor=ROUGHNESS, alphaMode=see_through
        )
        made.visual = kinds.TextureVisuals(material=material)
    else:
        made.visual = visual.ColorVisuals(made, vertex_colors=np.tile(colour, (len(mesh.vertices), 1)))
    return made


def _joined(meshes: Sequence[SurfaceMesh]) -> "Trimesh":
    from trimesh.util import concatenate

    made = [_trimesh(mesh) for mesh in meshes]
    joined: Any = concatenate(*made) if len(made) > 1 else made[0]
    return cast("Trimesh", joined)


def _scene(meshes: Sequence[SurfaceMesh], with_material: bool = False) -> "Scene":
    from trimesh import Scene

    scene = Scene()
    for mesh in meshes:
        scene.add_geometry(_trimesh(mesh, with_material), node_name=mesh.name, geom_name=mesh.name)
    return scene


def _stl(meshes: Sequence[SurfaceMesh]) -> bytes:
    from trimesh.exchange.stl import export_stl

    header = f"{MAKER}, lengths in {meshes[0].unit}".encode().ljust(80)
    return header + export_stl(_joined(meshes))[len(header) :]


def _ply(meshes: Sequence[SurfaceMesh]) -> bytes:
    from trimesh.exchange.ply import export_ply

    head, end, body = export_ply(_joined(meshes), vertex_normal=False).partition(b"end_header\n")
    lines = [line for line in head.splitlines() if not line.startswith(b"comment")]
    note = f"comment {MAKER}, lengths in {meshes[0].unit}".encode()
    return b"\n".join([*lines[:2], note, *lines[2:], end + body])


def _obj(meshes: Sequence[SurfaceMesh]) -> bytes:
    from trimesh.exchange import obj

    export: Any = obj.export_obj
    header = f"{MAKER}, lengths in {meshes[0].unit}"
    return str(export(_scene(meshes), include_normals=False, header=header)).encode()


def _glb(meshes: Sequence[SurfaceMesh]) -> bytes:
    from trimesh.exchange import gltf

    export: Any = gltf.export_glb

    def note_unit(tree: dict[str, Any]) -> None:
        tree["asset"].update(generator=MAKER, extras={"unit": meshes[0].unit})

    return bytes(export(_scene(meshes, with_material=True), include_normals=True, tree_postprocessor=note_unit))


ENCODERS: Mapping[str, Callable[[Sequence[SurfaceMesh]], bytes]] = MappingProxyType(
    {".stl": _stl, ".ply": _ply, ".obj": _obj, ".glb": _glb}
)
"""What writes each mesh format, by its ending."""
