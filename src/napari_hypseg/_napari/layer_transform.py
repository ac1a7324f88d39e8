"""Where a volume lies, in napari's words. Image and labels get theirs here, so that their units are identical."""

from typing import Any

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
