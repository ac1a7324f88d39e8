"""Where a NIfTI volume is: its affine in terms of voxel size, origin and direction, and back.

The affine maps voxel (i, j, k) to right-anterior-superior coordinates and may turn and flip. Layers are shown along
the voxel axes without turning them, so the origin is given along those axes: what of the translation lies along each
axis. For an affine without rotation that is the translation itself; for a flipped, turned or sheared one a crop of a
volume still lands where it was cut from. The direction turns all of it into the world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.io.spatial_grid import SpatialGrid
from napari_hypseg.io.voxel_size import round_to_single_precision
from napari_hypseg.volumes import Direction, Vector3
from napari_hypseg.volumes.orientation import as_direction
from napari_hypseg.volumes.units import PIXEL, convert, is_length

UNITS = {1: "meter", 2: "millimeter", 3: "micrometer"}
"""Lengths by their code in the lowest three bits of ``xyzt_units``."""
UNIT_BITS = 7
DEFAULT_UNIT = "millimeter"
PIXEL_MARK = b"voxel size unknown"
SINGULAR = 1e-6
"""Volume spanned by the directions of the axes below which they are taken to lie in a plane, as in broken files."""
SAME_EDGE = 1e-4
"""Relative difference of two voxel edges that single precision and the steps of a rotation can explain."""

FIELDS = (
    *("sform_code", "qform_code", "pixdim", "quatern_b", "quatern_c", "quatern_d"),
    *("qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z", "xyzt_units"),
)
"""The header fields that place a volume; a file on the same grid gets the very same."""


@dataclass(frozen=True)
class Placement:
    """Voxel size and origin (z, y, x) in `unit`, the metadata to write the same affine again, and what is odd.

    There is no direction if neither sform nor qform is coded.
    """

    voxel_size: Vector3
    unit: str
    origin: Vector3
    metadata: Mapping[str, Any]
    notes: tuple[str, ...]
    direction: Direction | None


def read_placement(header: Any, pixdim: npt.NDArray[np.float64], name: str) -> Placement:
    """Place of a volume, from the first of the three ways of NIfTI-1 that its header offers.

    A coded sform alone says where every voxel lies (method 3): the voxel size is the length of its columns, whatever
    ``pixdim`` says. Else a coded qform turns steps of ``pixdim`` (method 2), else there are these steps alone
    (method 1). A coded sform whose columns are 0, in one plane or no numbers counts as not coded.

    Parameters
    ----------
    header
        A nibabel header.
    pixdim
        Voxel edges (x, y, z) as the file has them; nibabel's header has replaced a 0 by 1.
    name
        Of the file, for notes.
    """
    affine, notes = _best_affine(header, name)
    size, unit, origin = _zyx(pixdim), _unit(header), _origin(affine)
    columns = np.linalg.norm(affine[:3, :3], axis=0)
    if header["sform_code"] > 0 and not np.allclose(columns, pixdim, rtol=SAME_EDGE, atol=0):
        size = _zyx(columns)
        notes = (*notes, _stale(name, size, _zyx(pixdim)))
    fields = {field: np.asarray(header[field]).tolist() for field in FIELDS}
    read = {"fields": fields, "voxel_size": size, "unit": unit, "origin": origin}
    metadata = {"affine": affine.tolist(), "nifti": read}
    return Placement(size, unit, origin, metadata, notes, direction_from_metadata(metadata))


def direction_from_metadata(metadata: Mapping[str, Any]) -> Direction | None:
    """Direction of the voxel axes by the metadata of a volume, None where no form of its header was coded.

    A volume of unknown scale is written with a form because NIfTI wants one; it says nothing of directions.
    """
    try:
        read = metadata["nifti"]
        coded = read["unit"] != PIXEL and (read["fields"]["sform_code"] > 0 or read["fields"]["qform_code"] > 0)
        axes = np.asarray(metadata["affine"], dtype=np.float64)[:3, :3]
    except (KeyError, TypeError, ValueError, IndexError):  # of another format, or of a project that is damaged
        return None
    return as_direction((axes / np.linalg.norm(axes, axis=0))[::-1, ::-1] + 0.0) if coded else None


def _best_affine(header: Any, name: str) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """The affine that counts; a form that is coded but cannot be used loses its code, and that is said."""
    notes = list[str]()
    for form in ("sform", "qform"):
        affine = np.asarray(header.get_best_affine(), dtype=np.float64)
        if _is_usable(affine):
            return affine, tuple(notes)
        if header[f"{form}_code"] > 0:
            header[f"{form}_code"] = 0
            notes.append(f"The {form} of {name} is coded but spans no volume, so that it is left out of account.")
    affine = np.asarray(header.get_best_affine(), dtype=np.float64)
    return (affine if _is_usable(affine) else np.eye(4)), tuple(notes)


def _is_usable(affine: npt.NDArray[np.float64]) -> bool:
    """Whether the columns of an affine are finite, longer than 0 and in no common plane."""
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if not np.isfinite(affine).all() or not (lengths > 0).all():
        return False
    return abs(float(np.linalg.det(affine[:3, :3] / lengths))) > SINGULAR


def _stale(name: str, sform: Vector3, pixdim: Vector3) -> str:
    given, left = (" × ".join(f"{edge:g}" for edge in size) for size in (sform, pixdim))
    return f"The header of {name} gives two voxel sizes (z, y, x): {given} of its sform, which counts, and {left}."


def write_placement(header: Any, image: SpatialGrid) -> None:
    """Give a nibabel header, whose shape is set, the place of `image`.

    These are the fields it was read with, moved along its axes to where it now begins; they are made anew if there are
    none, the voxel size or unit was corrected since, or the axes were exchanged.
    """
    if not is_length(image.unit):
        header["descrip"] = PIXEL_MARK
    read, was = image.metadata.get("nifti"), direction_from_metadata(image.metadata)
    direction = image.direction or was
    if (
        read is None
        or (*image.voxel_size, image.unit) != (*read["voxel_size"], read["unit"])
        or not _same_way(direction, was)
    ):
        _set_new(header, image, np.eye(3) if direction is None else np.asarray(direction))
    else:
        for name in FIELDS:
            header[name] = read["fields"][name]
        both = zip(image.origin, read["origin"], image.voxel_size, strict=True)
        z, y, x = ((now - then) / edge for now, then, edge in both)
        _move(header, np.array([x, y, z]), np.asarray(image.metadata["affine"]))


def _move(header: Any, steps: npt.NDArray[np.float64], affine: npt.NDArray[np.float64]) -> None:
    """Let a placed header begin `steps` voxels (x, y, z) further; `affine` is the whole one it was read with."""
    coded = [kind for kind in ("sform", "qform") if header[f"{kind}_code"] > 0]
    if "sform" in coded:
        header.set_sform(_moved(header.get_sform(), steps))
    if "qform" in coded and steps.any():
        header["qoffset_x"], header["qoffset_y"], header["qoffset_z"] = _moved(header.get_qform(), steps)[:3, 3]
    moved = _moved(affine, steps)
    if not coded and not np.allclose(header.get_best_affine(), moved):  # what follows from the shape, which has changed
        header.set_sform(moved, code="aligned")


def _moved(affine: npt.NDArray[np.float64], steps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    made = affine.copy()
    made[:3, 3] += affine[:3, :3] @ steps
    return made


def _same_way(direction: Direction | None, was: Direction | None) -> bool:
    if direction is None or was is None:
        return direction is was
    return np.allclose(direction, was, rtol=0, atol=SAME_EDGE)


def _set_new(header: Any, image: SpatialGrid, direction: npt.NDArray[np.float64]) -> None:
    """Place a header along `direction`, axes and world in the order z, y, x."""
    unit, code = _written_unit(image)
    axes = direction[::-1, ::-1]
    size = [convert(edge, image.unit, unit) for edge in image.voxel_size[::-1]]
    affine = np.eye(4)
    affine[:3, :3] = axes * size
    affine[:3, 3] = axes @ [convert(start, image.unit, unit) for start in image.origin[::-1]]
    header.set_zooms(size)
    header.set_sform(affine, code="scanner")
    header.set_qform(affine, code="scanner", strip_shears=True)
    header.set_xyzt_units(xyz=code)


def _unit(header: Any) -> str:
    if bytes(header["descrip"].item()) == PIXEL_MARK:
        return PIXEL
    return UNITS.get(int(header["xyzt_units"]) & UNIT_BITS, DEFAULT_UNIT)


def _written_unit(image: SpatialGrid) -> tuple[str, str]:
    """NIfTI knows metres, millimetres and microns; what is smaller than a millimetre is given in microns."""
    if not is_length(image.unit):
        return PIXEL, "unknown"
    small = convert(max(image.voxel_size), image.unit, "millimeter") < 0.1
    return ("micrometer", "micron") if small else ("millimeter", "mm")


def _origin(affine: npt.NDArray[np.float64]) -> Vector3:
    """The translation as lengths along the axes, which need not be at right angles."""
    axes, translation = affine[:3, :3], affine[:3, 3]
    lengths = np.linalg.norm(axes, axis=0)
    directions = axes / np.where(lengths > 0, lengths, 1.0)
    independent = abs(np.linalg.det(directions)) > SINGULAR
    return _zyx((np.linalg.solve(directions, translation) if independent else directions.T @ translation) + 0.0)


def _zyx(xyz: Any) -> Vector3:
    x, y, z = (round_to_single_precision(float(value)) for value in xyz)
    return z, y, x
