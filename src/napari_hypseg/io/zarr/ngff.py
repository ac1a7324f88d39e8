"""The metadata of OME-NGFF: axes, units, transformations and label properties, in versions 0.1 to 0.6."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_hypseg.errors import InputError
from napari_hypseg.io import validation
from napari_hypseg.io.label_metadata import label_metadata
from napari_hypseg.io.voxel_size import ONE_PIXEL
from napari_hypseg.io.zarr.coordinate_transformations import UnreadTransformationError, scale_and_translation
from napari_hypseg.storage.zarr_access import ZarrFolder
from napari_hypseg.volumes import Vector3, VoxelSizeNote
from napari_hypseg.volumes.units import PIXEL, convert, is_length, parse_unit

ORDER = "tczyx"
NO_SHIFT: Vector3 = (0.0, 0.0, 0.0)


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
    notes
        What of the place could not be read.
    """

    path: str
    axes: tuple[str, ...]
    voxel_size: Vector3
    unit: str
    origin: Vector3
    notes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, source: Path, record: Mapping[str, Any]) -> "Multiscale":
        """Read one entry of ``multiscales``.

        Raises
        ------
        InputError
            If its last three axes are not z, y, x.
        """
        finest = record["datasets"][0]
        axes = [{"name": axis} if isinstance(axis, str) else axis for axis in _axes(record, finest)]
        names = tuple(axis["name"].lower() for axis in axes)
        if names[-3:] != ("z", "y", "x"):
            raise InputError(
                f"{source} has the axes {', '.join(names)}; open a volume whose last three axes are z, y, x."
            )
        path, steps = finest["path"], _steps(record, finest)
        if not steps:
            return cls(path, names, ONE_PIXEL, PIXEL, NO_SHIFT)
        try:
            scale, shift = scale_and_translation(steps, len(axes))
        except UnreadTransformationError as error:
            note = VoxelSizeNote(
                f"{source.name} is placed by a transformation that is not followed ({error}); sizes are in pixels "
                "until you correct them."
            )
            return cls(path, names, ONE_PIXEL, PIXEL, NO_SHIFT, (note,))
        unit, factors = _common_unit([parse_unit(axis.get("unit")) or PIXEL for axis in axes[-3:]])
        size, origin = (_scaled(lengths[-3:], factors) for lengths in (scale, shift))
        return cls(path, names, size, unit, origin)

    def leads(self, source: Path, shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """For each channel its index into the axes before z.

        Raises
        ------
        InputError
            If an axis other than that of the channels has more than one entry.
        """
        before = dict(zip(self.axes[:-3], shape[:-3], strict=False))
        if any(n > 1 for name, n in before.items() if name != "c"):
            raise validation.stack_error(source, tuple(n for n in shape if n > 1))
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


def _axes(record: Mapping[str, Any], finest: Mapping[str, Any]) -> Sequence[Any]:
    """Axes of the image; since version 0.6 those of the coordinate system that its finest level is put in."""
    systems = {system["name"]: system["axes"] for system in record.get("coordinateSystems", ())}
    if not systems:
        axes: Sequence[Any] = record.get("axes", ORDER)
        return axes
    outputs = [step.get("output") for step in finest.get("coordinateTransformations", ())]
    named = [output.get("name") if isinstance(output, dict) else output for output in outputs]
    chosen: Sequence[Any] = systems[named[-1] if named and named[-1] in systems else next(iter(systems))]
    return chosen


def _steps(record: Mapping[str, Any], finest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Transformations of the finest level; since version 0.6 those of the image lead on to other systems."""
    overall = () if "coordinateSystems" in record else record.get("coordinateTransformations", ())
    return [*finest.get("coordinateTransformations", ()), *overall]


def _scaled(lengths: Sequence[float], factors: Sequence[float]) -> Vector3:
    z, y, x = (length * factor for length, factor in zip(lengths, factors, strict=True))
    return z, y, x


def _common_unit(units: Sequence[str]) -> tuple[str, list[float]]:
    """The unit of x, and what lengths along z, y, x are to be multiplied with to be in it."""
    if not all(is_length(unit) for unit in units):
        return PIXEL, [1.0] * len(units)
    return units[-1], [convert(1.0, unit, units[-1]) for unit in units]
