"""Voxel size and origin in the metadata of ImageJ and OME, read and written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from napari_hypseg.io.spatial_grid import SpatialGrid
from napari_hypseg.io.voxel_size import ONE_PIXEL
from napari_hypseg.volumes import Vector3, VoxelSizeNote
from napari_hypseg.volumes.units import PIXEL, SYMBOLS, convert, is_length, parse_unit

IMAGEJ_UNITS: Mapping[str, str] = {"micrometer": "um", "nanometer": "nm", "millimeter": "mm", "centimeter": "cm"}
"""Units as ImageJ spells them; the others go by their full name."""

OME_DEFAULT = "micrometer"


@dataclass(frozen=True)
class HeaderVoxelSize:
    """Voxel size (z, y, x) in `unit` as a header has it; `notes` say what was assumed."""

    size: Vector3 = ONE_PIXEL
    unit: str = PIXEL
    notes: tuple[str, ...] = ()


def read_voxel_size(name: str, file: Any) -> HeaderVoxelSize:
    """Voxel size of the open TIFF `name`; one pixel where it has neither ImageJ nor OME metadata.

    The resolution of a plain TIFF is that of print (dots per inch) and says nothing about voxels.
    """
    if file.is_ome:
        return _ome(name, file.ome_metadata)
    if file.is_imagej:
        return _imagej(file)
    return HeaderVoxelSize()


def read_origin(file: Any, size: Vector3) -> Vector3:
    """Centre of voxel 0 (z, y, x): ImageJ stores the voxel that lies at the world's zero."""
    metadata = file.imagej_metadata or {}
    zero = (metadata.get(f"{axis}origin", 0.0) for axis in "zyx")
    z, y, x = (-float(at) * edge + 0.0 for at, edge in zip(zero, size, strict=True))
    return z, y, x


def imagej_fields(image: SpatialGrid) -> dict[str, Any]:
    """ImageJ metadata of the place of `image`; sizes in x and y go into the resolution tags."""
    fields: dict[str, Any] = {
        "unit": IMAGEJ_UNITS.get(image.unit, image.unit),
        "spacing": image.voxel_size[0],
    }
    zeros = zip("zyx", image.origin, image.voxel_size, strict=True)
    return fields | {f"{axis}origin": -start / edge for axis, start, edge in zeros if start}


def _imagej(file: Any) -> HeaderVoxelSize:
    metadata = file.imagej_metadata or {}
    tags = file.pages.first.tags
    y, x = (_edge(tags, name) for name in ("YResolution", "XResolution"))
    spacing = metadata.get("spacing", 1.0)
    z = abs(float(spacing)) if isinstance(spacing, int | float) else 1.0
    return HeaderVoxelSize((z, y, x), parse_unit(str(metadata.get("unit", ""))) or PIXEL)


def _edge(tags: Any, name: str) -> float:
    """Edge of a pixel from a resolution in pixels per unit."""
    if name not in tags:
        return 1.0
    pixels, units = tags[name].value
    return units / pixels if pixels else 0.0


def _ome(name: str, text: str) -> HeaderVoxelSize:
    """Sizes in the unit of x; an axis of which none is given is taken to be as long as x, and a note says so."""
    from xml.etree import ElementTree

    pixels = ElementTree.fromstring(text).find(".//{*}Pixels")
    attributes = {} if pixels is None else dict(pixels.attrib)
    lengths = {axis: _ome_length(attributes, axis) for axis in "ZYX"}
    if lengths["X"] is None:
        return HeaderVoxelSize()
    edge, unit = lengths["X"]
    known = {axis: length for axis, length in lengths.items() if length and is_length(length[1]) == is_length(unit)}
    z, y, x = (convert(*known[axis], unit) if axis in known else edge for axis in "ZYX")
    missing = " and ".join(axis.lower() for axis in lengths if axis not in known)
    note = VoxelSizeNote(
        f"{name} gives no size of a voxel along {missing}; that along x, {edge:g} {SYMBOLS[unit]}, is used instead "
        "until you correct it."
    )
    return HeaderVoxelSize((z, y, x), unit, (note,) if missing else ())


def _ome_length(attributes: Mapping[str, str], axis: str) -> tuple[float, str] | None:
    """Edge of a voxel along `axis` and its unit, None where no edge is given."""
    if f"PhysicalSize{axis}" not in attributes:
        return None
    unit = parse_unit(attributes.get(f"PhysicalSize{axis}Unit", OME_DEFAULT)) or PIXEL
    return float(attributes[f"PhysicalSize{axis}"]), unit
