"""Where a NIfTI volume is: its affine in terms of voxel size and origin, and back.

The affine maps voxel (i, j, k) to right-anterior-superior coordinates and may turn and flip. Layers are shown along
the voxel axes without turning them, so the origin is given along those axes: the translation projected on the
direction of each axis. For an affine without rotation that is the translation itself; for a flipped or turned one a
crop of a volume still lands where it was cut from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.units import PIXEL, convert, is_length
from napari_hypseg.io.voxel_size import rounded
from napari_hypseg.volumes import Vector3

UNITS = {"meter": "meter", "mm": "millimeter", "micron": "micrometer"}
DEFAULT_UNIT = "millimeter"
PIXEL_MARK = b"voxel size unknown"

FIELDS = (
    *("sform_code", "qform_code", "pixdim", "quatern_b", "quatern_c", "quatern_d"),
    *("qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z", "xyzt_units"),
)
"""The header fields that place a volume; a label file on the same grid gets the very same."""


@dataclass(frozen=True)
class Place:
    """Voxel size and origin (z, y, x) in `unit`, and the metadata to write the same affine again."""

    voxel_size: Vector3
    unit: str
    origin: Vector3
    metadata: Mapping[str, Any]


def place_of(image: Any, edges: Any) -> Place:
    """Place of a nibabel image.

    Parameters
    ----------
    image
        The image.
    edges
        Voxel edges (x, y, z) as the file has them; nibabel's header has replaced a 0 by 1.
    """
    header = image.header
    affine = np.asarray(image.affine, dtype=np.float64)
    size = _zyx(edges)
    fields = {name: np.asarray(header[name]).tolist() for name in FIELDS}
    unit = _unit(header)
    origin = _origin(affine)
    read = {"fields": fields, "voxel_size": size, "unit": unit, "origin": origin}
    return Place(size, unit, origin, {"affine": affine.tolist(), "nifti": read})


def set_place(header: Any, image: LabelImage) -> None:
    """Give a nibabel header the place of `image`: the fields it was read with if they still hold, else new ones."""
    read = image.metadata.get("nifti")
    if read is not None and _is_still_there(image, read):
        for name in FIELDS:
            header[name] = read["fields"][name]
        return
    unit, code = _written_unit(image)
    size = [convert(edge, image.unit, unit) for edge in image.voxel_size[::-1]]
    affine = np.diag([*size, 1.0])
    affine[:3, 3] = [convert(start, image.unit, unit) for start in image.origin[::-1]]
    header.set_zooms(size)
    header.set_sform(affine, code="scanner")
    header.set_qform(affine, code="scanner")
    header.set_xyzt_units(xyz=code)
    if not is_length(image.unit):
        header["descrip"] = PIXEL_MARK


def _is_still_there(image: LabelImage, read: Mapping[str, Any]) -> bool:
    """Whether nobody has corrected size or place since the volume was read."""
    now = (*image.voxel_size, *image.origin, image.unit)
    return now == (*read["voxel_size"], *read["origin"], read["unit"])


def _unit(header: Any) -> str:
    if bytes(header["descrip"].item()) == PIXEL_MARK:
        return PIXEL
    return UNITS.get(header.get_xyzt_units()[0], DEFAULT_UNIT)


def _written_unit(image: LabelImage) -> tuple[str, str]:
    """NIfTI knows metres, millimetres and microns; what is smaller than a millimetre is given in microns."""
    if not is_length(image.unit):
        return PIXEL, "unknown"
    small = convert(max(image.voxel_size), image.unit, "millimeter") < 0.1
    return ("micrometer", "micron") if small else ("millimeter", "mm")


def _origin(affine: npt.NDArray[np.float64]) -> Vector3:
    axes, translation = affine[:3, :3], affine[:3, 3]
    lengths = np.linalg.norm(axes, axis=0)
    directions = axes / np.where(lengths > 0, lengths, 1.0)
    return _zyx(directions.T @ translation + 0.0)


def _zyx(xyz: Any) -> Vector3:
    x, y, z = (rounded(float(value)) for value in xyz)
    return z, y, x
