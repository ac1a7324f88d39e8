"""The metadata of OME-NGFF: axes, units, transformations and label properties, in versions 0.1 to 0.5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_hypseg.errors import InputError
from napari_hypseg.io import content
from napari_hypseg.io.record import label_metadata
from napari_hypseg.storage.zarr_access import ZarrFolder
from napari_hypseg.volumes import Vector3
from napari_hypseg.volumes.units import PIXEL, convert, is_length, unit_named

ORDER = "tczyx"


def ome_attributes(group: ZarrFolder) -> Mapping[str, Any]:
    """NGFF attributes of a zarr group, which version 0.5 keeps under ``ome`` and earlier ones at the top."""
    inner: Mapping[str, Any] = group.attributes.get("ome", group.attributes)
    return inner


@dataclass(frozen=True)
class Multiscale:
    """The finest level of a multiscale image.

    Parameters
    ----------
    path
        Of its array, in the group.
    axes
        Names of the array's axes.
    voxel_size, unit, origin
        As in `Volume`.
    """

    path: str
    axes: tuple[str, ...]
    voxel_size: Vector3
    unit: str
    origin: Vector3

    @classmethod
    def parse(cls, source: Path, record: Mapping[str, Any]) -> "Multiscale":
        """Read one entry of ``multiscales``.

        Raises
        ------
        InputError
            If its last three axes are not z, y, x.
        """
        finest = record["datasets"][0]
        axes = [{"name": axis} if isinstance(axis, str) else axis for axis in record.get("axes", ORDER)]
        names = tuple(axis["name"].lower() for axis in axes)
        if names[-3:] != ("z", "y", "x"):
            raise InputError(
                f"{source} has the axes {', '.join(names)}; open a volume whose last three axes are z, y, x."
            )
        steps = [*finest.get("coordinateTransformations", ()), *record.get("coordinateTransformations", ())]
        scale, shift = _combine(steps, len(axes))
        unit, factors = _common_unit([unit_named(axis.get("unit")) or PIXEL for axis in axes[-3:]])
        size = tuple(edge * factor for edge, factor in zip(scale[-3:], factors, strict=True))
        origin = tuple(start * factor for start, factor in zip(shift[-3:], factors, strict=True))
        return cls(finest["path"], names, (size[0], size[1], size[2]), unit, (origin[0], origin[1], origin[2]))

    def leads(self, source: Path, shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """For each channel its index into the axes before z.

        Raises
        ------
        InputError
            If an axis other than that of the channels has more than one entry.
        """
        before = dict(zip(self.axes[:-3], shape[:-3], strict=False))
        if any(n > 1 for name, n in before.items() if name != "c"):
            raise content.stack(source, tuple(n for n in shape if n > 1))
        channels = range(before.get("c", 1))
        return tuple(tuple(c if name == "c" else 0 for name in before) for c in channels)


def image_label_metadata(record: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Volume metadata of an ``image-label`` record, empty where there is none."""
    if record is None:
        return {}
    named = {entry["label-value"]: entry["name"] for entry in record.get("properties", ()) if "name" in entry}
    painted = {entry["label-value"]: entry["rgba"] for entry in record.get("colors", ()) if "rgba" in entry}
    colours = {int(region): tuple(part / 255 for part in rgba) for region, rgba in painted.items()}
    return label_metadata({int(region): str(name) for region, name in named.items()}, colours)


def _combine(steps: Sequence[Mapping[str, Any]], count: int) -> tuple[list[float], list[float]]:
    """Scale and translation of transformations applied one after the other."""
    scale, shift = [1.0] * count, [0.0] * count
    for step in steps:
        if step["type"] == "scale":
            scale = [a * float(b) for a, b in zip(scale, step["scale"], strict=True)]
            shift = [a * float(b) for a, b in zip(shift, step["scale"], strict=True)]
        elif step["type"] == "translation":
            shift = [a + float(b) for a, b in zip(shift, step["translation"], strict=True)]
    return scale, shift


def _common_unit(units: Sequence[str]) -> tuple[str, list[float]]:
    """The unit of x, and what lengths along z, y, x are to be multiplied with to be in it."""
    if not all(is_length(unit) for unit in units):
        return PIXEL, [1.0] * len(units)
    return units[-1], [convert(1.0, unit, units[-1]) for unit in units]
