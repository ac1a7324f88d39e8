"""Between the place of a volume and a layer's transform, both ways.

Image and labels get their transform here, so that their units are identical; what a volume cannot express is refused.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from napari_hypseg.errors import HypsegError
from napari_hypseg.volumes.volume import Vector3

AXES = ("z", "y", "x")


def placement_keywords(voxel_size: Vector3, unit: str, origin: Vector3) -> dict[str, Any]:
    """Layer keywords for a grid.

    Parameters
    ----------
    voxel_size
        Edges (z, y, x) of a voxel in `unit`; becomes ``scale``.
    unit
        Name of a length as pint knows it, or ``"pixel"``; becomes three ``pint.Unit`` of the application's registry.
    origin
        Centre (z, y, x) of voxel 0 in `unit`; becomes ``translate``, which napari takes as the same point.
    """
    import pint

    length = pint.Unit(unit)
    return {"scale": voxel_size, "translate": origin, "units": (length,) * 3, "axis_labels": AXES}


class Placement(NamedTuple):
    """Voxel size and origin (z, y, x) in `unit`."""

    voxel_size: Vector3
    unit: str
    origin: Vector3


def placement_from_layer(keywords: Mapping[str, Any], error: type[HypsegError]) -> Placement:
    """Placement of a layer of three axes.

    Parameters
    ----------
    keywords
        State of the layer: ``name``, ``scale``, ``translate``, ``units``, ``rotate``, ``shear``, ``affine``.
    error
        What to raise.

    Raises
    ------
    error
        If the layer is rotated, sheared or mirrored, or its axes have different units.
    """
    name = keywords.get("name", "labels")
    if not _is_upright(keywords):
        raise error(
            f"The layer {name} is rotated, sheared or moved by an affine transform; reset that transform first."
        )
    scale = np.asarray(keywords.get("scale", (1, 1, 1)), dtype=float)
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        raise error(f"The layer {name} has the scale {scale.tolist()}; set a positive voxel size for every axis.")
    units = [str(unit) for unit in keywords.get("units") or ("pixel",) * 3]
    if len(set(units)) > 1:
        raise error(f"The axes of the layer {name} have different units ({', '.join(units)}); give them all the same.")
    z, y, x = scale.tolist()
    oz, oy, ox = np.asarray(keywords.get("translate", (0, 0, 0)), dtype=float).tolist()
    return Placement((z, y, x), units[0], (oz, oy, ox))


def _is_upright(keywords: Mapping[str, Any]) -> bool:
    """Whether scale and translate are all there is to the transform."""
    affine, rotate = (
        np.asarray(keywords.get(key, np.eye(n)), dtype=float) for key, n in (("affine", 4), ("rotate", 3))
    )
    shear = np.asarray(keywords.get("shear", 0), dtype=float)
    return np.allclose(affine, np.eye(len(affine))) and np.allclose(rotate, np.eye(len(rotate))) and not shear.any()
