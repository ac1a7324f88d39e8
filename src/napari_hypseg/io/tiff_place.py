"""Voxel size and origin in the metadata of ImageJ and OME, read and written."""

from collections.abc import Mapping
from typing import Any

from napari_hypseg.io.placed import Placed
from napari_hypseg.io.units import PIXEL, convert, unit_named
from napari_hypseg.io.voxel_size import ONE_PIXEL
from napari_hypseg.volumes import Vector3

IMAGEJ_UNITS: Mapping[str, str] = {"micrometer": "um", "nanometer": "nm", "millimeter": "mm", "centimeter": "cm"}
"""Units as ImageJ spells them; the others go by their full name."""

OME_DEFAULT = "micrometer"


def voxel_size_of(file: Any) -> tuple[Vector3, str]:
    """Voxel size (z, y, x) and unit of an open TIFF; one pixel where it has neither ImageJ nor OME metadata.

    The resolution of a plain TIFF is that of print (dots per inch) and says nothing about voxels.
    """
    if file.is_ome:
        return _ome(file.ome_metadata)
    if file.is_imagej:
        return _imagej(file)
    return ONE_PIXEL, PIXEL


def origin_of(file: Any, size: Vector3) -> Vector3:
    """Centre of voxel 0 (z, y, x): ImageJ tells which voxel lies at the world's zero."""
    metadata = file.imagej_metadata or {}
    zero = (metadata.get(f"{axis}origin", 0.0) for axis in "zyx")
    z, y, x = (-float(at) * edge + 0.0 for at, edge in zip(zero, size, strict=True))
    return z, y, x


def imagej_fields(image: Placed) -> dict[str, Any]:
    """ImageJ metadata of the place of `image`; sizes in x and y go into the resolution tags."""
    fields: dict[str, Any] = {
        "unit": IMAGEJ_UNITS.get(image.unit, image.unit),
        "spacing": image.voxel_size[0],
    }
    zeros = zip("zyx", image.origin, image.voxel_size, strict=True)
    return fields | {f"{axis}origin": -start / edge for axis, start, edge in zeros if start}


def _imagej(file: Any) -> tuple[Vector3, str]:
    metadata = file.imagej_metadata or {}
    tags = file.pages.first.tags
    y, x = (_edge(tags, name) for name in ("YResolution", "XResolution"))
    spacing = metadata.get("spacing", 1.0)
    z = abs(float(spacing)) if isinstance(spacing, int | float) else 1.0
    return (z, y, x), unit_named(str(metadata.get("unit", ""))) or PIXEL


def _edge(tags: Any, name: str) -> float:
    """Edge of a pixel from a resolution in pixels per unit."""
    if name not in tags:
        return 1.0
    pixels, units = tags[name].value
    return units / pixels if pixels else 0.0


def _ome(text: str) -> tuple[Vector3, str]:
    """Sizes in OME's own unit, that of x where the axes differ."""
    from xml.etree import ElementTree

    pixels = ElementTree.fromstring(text).find(".//{*}Pixels")
    attributes = {} if pixels is None else dict(pixels.attrib)
    if "PhysicalSizeX" not in attributes:
        return ONE_PIXEL, PIXEL
    units = [unit_named(attributes.get(f"PhysicalSize{axis}Unit", OME_DEFAULT)) or PIXEL for axis in "ZYX"]
    sizes = [float(attributes.get(f"PhysicalSize{axis}", attributes["PhysicalSizeX"])) for axis in "ZYX"]
    if PIXEL in units:
        return (sizes[0], sizes[1], sizes[2]), PIXEL
    z, y, x = (convert(size, unit, units[2]) for size, unit in zip(sizes, units, strict=True))
    return (z, y, x), units[2]
