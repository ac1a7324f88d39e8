"""Axes and place of an HDF5 data set, in the ways that programs of the field write them.

Axes: ilastik's ``axistags``, the dimension labels of HDF5 itself, and funlib's ``axis_names``. Sizes: Fiji's and
PlantSeg's ``element_size_um``, ilastik's ``axistags`` with ``axis_units``, funlib's ``voxel_size`` with ``units``, and
``resolution`` in nanometres of the CREMI challenge; the last two with an ``offset``. All are in the order z, y, x.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_hypseg.io.voxel_size import ONE_PIXEL
from napari_hypseg.storage.json_text import JsonError, parse_json
from napari_hypseg.volumes import Vector3
from napari_hypseg.volumes.units import PIXEL, convert, is_length, parse_unit

MAX_ATTRIBUTE = 2**24
"""Bytes of the largest attribute that is read."""
DIMENSION_LABELS = "DIMENSION_LABELS"
"""Where HDF5 keeps the labels of dimensions; its own function for them crashes where they are damaged."""
MAX_ITEMS = 1024
"""Numbers or strings of the longest attribute that is read."""
NO_SHIFT: Vector3 = (0.0, 0.0, 0.0)
LETTERS = "TCZYX"


@dataclass(frozen=True)
class Placement:
    """Voxel size and origin (z, y, x) in `unit`."""

    voxel_size: Vector3 = ONE_PIXEL
    unit: str = PIXEL
    origin: Vector3 = NO_SHIFT


def axis_letters(dataset: Any) -> str:
    """A letter for each axis (``"ZYXC"``); where none are given, the last three long axes are z, y, x."""
    labels, names = (_names(attribute(dataset, name)) for name in (DIMENSION_LABELS, "axis_names"))
    for given in (_tagged(dataset), labels, names):
        letters = "".join(str(name).strip("^")[:1].upper() for name in given)
        if len(letters) == dataset.ndim == len(set(letters)) and set(letters) <= set(LETTERS):
            return letters
    long = [axis for axis, n in enumerate(dataset.shape) if n > 1]
    named = dict(zip(long[-3:], "ZYX", strict=False))
    return "".join(named.get(axis, "Q") for axis in range(dataset.ndim))


def is_volume(dataset: Any) -> bool:
    """Whether a data set holds numbers along z, y, x, and perhaps channels."""
    try:
        kind = np.dtype(dataset.dtype).kind
    except TypeError:
        return False
    shape = dataset.shape
    if shape is None or kind not in "biuf" or not 3 <= len(shape) <= len(LETTERS):
        return False
    letters = axis_letters(dataset)
    long = {letter for letter, n in zip(letters, shape, strict=True) if n > 1}
    return set("ZYX") <= long <= set("CZYX")


def read_placement(dataset: Any) -> Placement:
    """Voxel size, unit and origin of a data set, one pixel where nothing says so."""
    offset = _triple(attribute(dataset, "offset")) or NO_SHIFT
    size, unit = _triple(attribute(dataset, "voxel_size")), _unit(attribute(dataset, "units"))
    if size and unit:
        return Placement(size, unit, offset)
    if size := _triple(attribute(dataset, "element_size_um")):
        return Placement(size, "micrometer")
    if tagged := _tagged_size(dataset):
        return tagged
    if size := _triple(attribute(dataset, "resolution")):
        return Placement(size, "nanometer", offset)
    return Placement()


def attribute(dataset: Any, name: str) -> Any:
    """An attribute, None if it is missing, cannot be read or is larger than any that is meant."""
    try:
        if name not in dataset.attrs:
            return None
        found = dataset.attrs.get_id(name)
        if found.get_storage_size() > MAX_ATTRIBUTE or math.prod(found.shape or ()) > MAX_ITEMS:
            return None
        return dataset.attrs[name]
    except (OSError, TypeError, ValueError, KeyError, RuntimeError):
        return None


def _axis_records(dataset: Any) -> list[Mapping[str, Any]]:
    """Ilastik's record of each axis, empty where there are none."""
    try:
        axes = parse_json(attribute(dataset, "axistags") or "")["axes"]
    except (JsonError, KeyError, TypeError):
        return []
    return axes if isinstance(axes, list) and all(isinstance(axis, dict) for axis in axes) else []


def _tagged(dataset: Any) -> list[str]:
    return [str(axis.get("key", "")) for axis in _axis_records(dataset)]


def _tagged_size(dataset: Any) -> Placement | None:
    """Resolutions of ilastik's axes in the units it gives beside them."""
    resolutions: dict[Any, Any] = {axis.get("key"): axis.get("resolution") for axis in _axis_records(dataset)}
    try:
        units = parse_json(attribute(dataset, "axis_units") or "")
        lengths = [(float(resolutions[axis]), parse_unit(str(units[axis])) or PIXEL) for axis in "zyx"]
    except (JsonError, KeyError, TypeError, ValueError):
        return None
    if not all(length > 0 and is_length(unit) for length, unit in lengths):
        return None
    unit = lengths[-1][1]
    z, y, x = (convert(length, own, unit) for length, own in lengths)
    return Placement((z, y, x), unit)


def _names(value: Any) -> Sequence[str]:
    """Strings of an attribute that holds one for each axis."""
    parts = list(value) if isinstance(value, list | np.ndarray) and np.ndim(value) == 1 else []
    return [part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in parts]


def _unit(value: Any) -> str | None:
    """The unit that an attribute gives, once or alike for the last three axes."""
    names = [value] if isinstance(value, str) else _names(value)[-3:]
    units = {parse_unit(name) for name in names}
    return units.pop() if len(units) == 1 else None


def _triple(value: Any) -> Vector3 | None:
    """Three finite numbers of an attribute, None if it is anything else."""
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    if numbers.shape != (3,) or not all(map(math.isfinite, numbers.tolist())):
        return None
    z, y, x = numbers.tolist()
    return z, y, x
