"""Spheres and cuboids placed at random without overlap: the geometry of the phantom."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Window = tuple[slice, ...]
WINDOW_MARGIN = 2.0  # voxels around a solid that its window holds, so that its neighbours are known
NEIGHBOURHOOD = np.ones((3, 3, 3), dtype=np.bool_)  # a voxel and the 26 that touch it


@dataclass(frozen=True, eq=False)
class Solid:
    """A shape around its centre.

    Parameters
    ----------
    half
        Half of the edges of its bounding box (z, y, x), in voxels.
    distance
        Signed distance (below 0 inside, in voxels) of offsets (z, y, x) from the centre that broadcast together.
    """

    half: Array
    distance: Callable[[list[Array]], Array]


def sphere(radius: float) -> Solid:
    """Ball of `radius` voxels."""
    return Solid(np.full(3, radius), lambda offsets: np.sqrt(sum(offset**2 for offset in offsets)) - radius)


def cuboid(half: Array) -> Solid:
    """Axis-aligned box with edges 2·`half` (z, y, x)."""

    def distance(offsets: list[Array]) -> Array:
        beyond = [np.abs(offset) - edge for offset, edge in zip(offsets, half, strict=True)]
        farthest: Array = np.maximum(np.maximum(beyond[0], beyond[1]), beyond[2])
        return farthest

    return Solid(half, distance)


@dataclass(frozen=True, eq=False)
class PlacedSolid:
    """A solid on the grid: signed distance of every voxel of `window`."""

    window: Window
    distance: Array

    @property
    def inside(self) -> Mask:
        """Voxels of the window that belong to the solid."""
        return self.distance < 0

    @property
    def core(self) -> Mask:
        """Voxels of the solid that touch nothing outside it."""
        eroded: Mask = ndimage.binary_erosion(self.inside, NEIGHBOURHOOD, border_value=1)
        return eroded

    @property
    def vicinity(self) -> Mask:
        """Voxels of the solid and those that touch it."""
        dilated: Mask = ndimage.binary_dilation(self.inside, NEIGHBOURHOOD)
        return dilated


def rasterise(solid: Solid, centre: Array, waves: Array, roughness: float) -> PlacedSolid:
    """Put `solid` at `centre` (z, y, x) of the grid that `waves` spans; what lies beyond the grid is cut off.

    Parameters
    ----------
    waves
        Smooth noise of unit variance on the whole grid; it dents the skin.
    roughness
        Depth of the dents as a share of the smallest half edge; 0 leaves the shape exact.
    """
    depth = roughness * float(solid.half.min())
    reach = solid.half + 3 * depth + WINDOW_MARGIN
    low = np.maximum(np.floor(centre - reach), 0).astype(int)
    high = np.minimum(np.ceil(centre + reach) + 1, waves.shape).astype(int)
    offsets = np.ogrid[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    window = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    distance = solid.distance([offset - c for offset, c in zip(offsets, centre, strict=True)])
    return PlacedSolid(window, distance + depth * waves[window])


def place_at_random(
    solid: Solid, room: Mask, waves: Array, roughness: float, rng: np.random.Generator, tries: int = 400
) -> PlacedSolid | None:
    """Find a spot where `solid` lies wholly in `room` (z, y, x), and take it and a gap around it out of `room`.

    Returns None, and leaves `room` alone, if `tries` random spots were all too narrow.
    """
    spots = np.flatnonzero(room)
    if not len(spots):
        return None
    for spot in rng.choice(spots, tries):
        centre = np.array(np.unravel_index(spot, room.shape)) + rng.uniform(-0.5, 0.5, 3)
        if np.any(centre - solid.half < -0.5) or np.any(centre + solid.half > np.array(room.shape) - 0.5):
            continue
        placed = rasterise(solid, centre, waves, roughness)
        if placed.inside.any() and room[placed.window][placed.inside].all():
            room[placed.window] &= ~placed.vicinity
            return placed
    return None
