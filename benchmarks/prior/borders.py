"""How smooth the borders of labels are, and whether each label is in one piece."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
import numpy.typing as npt
import scipy.ndimage as ndi

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Borders:
    """Means over structures.

    Parameters
    ----------
    roughness
        Surface for the volume, relative to that of the true structure: above 1, borders are more ragged than its own.
    outside
        Share of the voxels that lie outside the largest component of their structure.
    components
        Of a structure, of voxels that share faces.
    """

    roughness: float
    outside: float
    components: float


def compare_borders(found: Codes, truth: Codes, codes: Sequence[int]) -> Borders:
    """Borders of the structures with `codes` in label maps (z, y, x); those that were not found do not count."""
    pairs = [(found == code, truth == code) for code in codes]
    there = [(_cropped(one), _cropped(true)) for one, true in pairs if one.any()]
    if not there:
        return Borders(0.0, 0.0, 0.0)
    sizes = [_component_sizes(one) for one, _ in there]
    return Borders(
        mean(surface_for_volume(one) / surface_for_volume(true) for one, true in there),
        mean(1 - float(each.max() / each.sum()) for each in sizes),
        mean(len(each) for each in sizes),
    )


def surface_for_volume(mask: Mask) -> float:
    """Faces of a structure (z, y, x), over the power 2/3 of its voxels: the same for every size of one shape."""
    padded = np.pad(mask, 1)
    faces = sum(
        int((padded[1:] != padded[:-1]).sum()) for padded in (np.moveaxis(padded, axis, 0) for axis in range(3))
    )
    return float(faces / mask.sum() ** (2 / 3))


def _component_sizes(mask: Mask) -> Codes:
    numbered, _ = ndi.label(mask)
    return np.bincount(numbered.ravel())[1:]


def _cropped(mask: Mask) -> Mask:
    """The mask within its bounding box."""
    cropped: Mask = mask[ndi.find_objects(mask.astype(np.uint8))[0]]
    return cropped
