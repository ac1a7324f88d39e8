"""Thumbnails: a typical neighbourhood of a region as a small picture, grey as the volume with the region outlined."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.leaf_places import Places
from napari_hypseg.volumes import LazyArray

WIDTH = 48
"""Voxels of a side."""
BACKGROUND = 40
"""Grey where there is no volume."""

Rgb = tuple[float, float, float]
Pixels = npt.NDArray[np.uint8]


def typical_leaf(
    leaves: npt.NDArray[np.bool_],
    places: Places,
    sizes: npt.NDArray[Any],
    descriptors: npt.NDArray[np.float32] | None = None,
) -> int | None:
    """The leaf that looks most like the mean of some leaves; the largest of them where no descriptors are known.

    Parameters
    ----------
    leaves
        bool (K,); which leaves.
    places
        As `leaf_places` gives them; a leaf without a place is passed over.
    sizes
        (K,); voxels of each leaf.
    descriptors
        float32 (K, F).

    Returns
    -------
    int or None
        None where no leaf has a place.
    """
    (inside,) = np.nonzero(leaves & (places[:, 0] >= 0))
    if not len(inside):
        return None
    weights = np.asarray(sizes, dtype=np.float64)[inside]
    if descriptors is None or len(inside) < 3:
        return int(inside[np.argmax(weights)])
    looks = descriptors[inside].astype(np.float64)
    spread = looks.std(axis=0)
    scaled = looks / np.where(spread > 0, spread, 1)
    mean = np.average(scaled, axis=0, weights=np.maximum(weights, 1))
    return int(inside[np.argmin(((scaled - mean) ** 2).sum(axis=1))])


def patch(plane_of: LazyArray, voxel: tuple[int, int, int], width: int = WIDTH) -> npt.NDArray[Any]:
    """The neighbourhood (width, width) of a voxel in its plane, moved where it would reach beyond the rim.

    Nothing else is read. A plane that is narrower is filled up with 0.
    """
    z, *middle = voxel
    ends = plane_of.shape[1:]
    starts = [max(0, min(at - width // 2, n - width)) for at, n in zip(middle, ends, strict=True)]
    rows, columns = (slice(start, min(start + width, n)) for start, n in zip(starts, ends, strict=True))
    read = np.asarray(plane_of[z, rows, columns])
    made = np.zeros((width, width), dtype=read.dtype)
    top, left = ((width - n) // 2 for n in read.shape)
    made[top : top + read.shape[0], left : left + read.shape[1]] = read
    return made


@dataclass(frozen=True)
class ThumbnailStyle:
    """How a thumbnail is drawn.

    Parameters
    ----------
    limits
        Grey values that are black and white; None for the darkest and brightest of the picture.
    colour
        Of the outline, sRGB in [0, 1].
    """

    limits: tuple[float, float] | None
    colour: Rgb


def thumbnail(
    leaves: npt.NDArray[np.bool_],
    voxel: tuple[int, int, int],
    ids: LazyArray,
    grey: LazyArray | None,
    style: ThumbnailStyle,
    width: int = WIDTH,
) -> Pixels:
    """Draw the neighbourhood of a voxel.

    Parameters
    ----------
    leaves
        bool (K,); the region that is outlined.
    voxel
        (z, y, x), in the middle of the picture unless it lies near the rim.
    ids
        Leaf ids (z, y, x), 0 outside.
    grey
        Grey values (z, y, x); None where they cannot be had, then the region is filled.
    style, width
        How, and how many voxels wide.

    Returns
    -------
    pixels
        uint8 (width, width, 3).
    """
    inside = np.append(False, leaves)[patch(ids, voxel, width).astype(np.intp)]
    colour = np.round(255 * np.asarray(style.colour))
    if grey is None:
        picture = np.full((width, width, 3), BACKGROUND, dtype=np.uint8)
        picture[inside] = colour
        return picture
    values = np.nan_to_num(patch(grey, voxel, width).astype(np.float64))
    low, high = style.limits or (float(values.min()), float(values.max()))
    shades = np.clip((values - low) / max(high - low, np.finfo(np.float64).tiny), 0, 1)
    picture = np.repeat(np.round(255 * shades).astype(np.uint8)[..., None], 3, axis=2)
    picture[_outline(inside)] = colour
    return picture


def _outline(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The voxels of a mask (y, x) that touch what is outside, but for the rim of the picture."""
    padded = np.pad(inside, 1, mode="edge")
    around = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    outline: npt.NDArray[np.bool_] = inside & ~around
    return outline
