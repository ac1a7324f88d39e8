"""A volume of many small objects, and a membrane among them, to count and measure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RADII = (3.0, 7.5)
"""Radii of the objects in voxels, drawn evenly from between the two."""
NOISE = 0.5
MEMBRANE = 3
"""Thickness of the membrane in voxels."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Objects that do not touch, grey values, and another structure.

    Parameters
    ----------
    objects, membrane
        bool (z, y, x).
    grey
        float32 (z, y, x).
    count
        Number of objects.
    """

    objects: npt.NDArray[np.bool_]
    membrane: npt.NDArray[np.bool_]
    grey: npt.NDArray[np.float32]
    count: int


def scene(edge: int, count: int, seed: int = 0) -> Scene:
    """`count` balls on a jittered grid in `edge`³ voxels.

    Raises
    ------
    ValueError
        If so many do not fit.
    """
    rng = np.random.default_rng(seed)
    cell = 2 * int(np.ceil(RADII[1])) + 3
    along = edge // cell
    if along**3 < count:
        raise ValueError(f"{count} objects do not fit into {edge}³ voxels.")
    cells = rng.permutation(along**3)[:count]
    corners = np.stack(np.unravel_index(cells, (along,) * 3), axis=1) * cell
    objects = np.zeros((edge,) * 3, dtype=bool)
    grid = np.indices((cell,) * 3)
    for corner, radius, shift in zip(corners, rng.uniform(*RADII, count), rng.uniform(-1, 1, (count, 3)), strict=True):
        centre = (cell - 1) / 2 + shift
        box = tuple(slice(start, start + cell) for start in corner)
        objects[box] = ((grid - centre[:, None, None, None]) ** 2).sum(axis=0) <= radius**2
    membrane = np.zeros_like(objects)
    membrane[:, edge // 2 : edge // 2 + MEMBRANE] = True
    grey = rng.normal(0, NOISE, objects.shape).astype(np.float32) + objects
    return Scene(objects, membrane, grey.astype(np.float32), count)
