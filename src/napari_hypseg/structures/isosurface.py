"""Marching cubes in slabs, welded where they meet, so that a large surface is made with reports on the way."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress, Stage

Vertices = npt.NDArray[np.float32]
Faces = npt.NDArray[np.int32]
SLAB_CELLS = 1 << 20
SAME_PLACE = 1e-4
"""Vertices of two slabs that are one differ by rounding alone, in cells."""


def isosurface_job(cells: npt.NDArray[np.float32], level: float) -> Job[tuple[Vertices, Faces]]:
    """The surface where `cells` pass `level`, yielding ``Progress("surface", planes, Z)``.

    Parameters
    ----------
    cells
        (z, y, x); lower than `level` in all outermost cells.
    level
        Value of the surface.

    Returns
    -------
    vertices, faces
        Positions (n, 3) as indices (z, y, x); triangles (m, 3), counter-clockwise seen from the lower values if
        (x, y, z) is right-handed.
    """
    from skimage.measure import marching_cubes

    step = max(1, SLAB_CELLS // max(1, cells.shape[1] * cells.shape[2]))
    seams = list(range(0, len(cells) - 1, step))
    vertices, faces, count = [np.empty((0, 3), np.float32)], [np.empty((0, 3), np.int32)], 0
    for first in seams:
        part = cells[first : first + step + 1]
        if part.max() > level > part.min():
            points, triangles, _, _ = marching_cubes(part, level, gradient_direction="descent")
            points[:, 0] += first
            vertices.append(points)
            faces.append(triangles.astype(np.int32) + count)
            count += len(points)
        yield Progress(Stage.SURFACE, min(first + step, len(cells)), len(cells))
    return _welded(np.concatenate(vertices), np.concatenate(faces), seams)


def _welded(vertices: Vertices, faces: Faces, seams: list[int]) -> tuple[Vertices, Faces]:
    """The same surface with each vertex on a seam once, and without triangles that have become a line."""
    on_seam = np.flatnonzero(np.isin(vertices[:, 0], seams))
    keys = np.rint(vertices[on_seam] / SAME_PLACE).astype(np.int64)
    _, first, places = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    merged = np.arange(len(vertices))
    merged[on_seam] = on_seam[first][places.ravel()]
    faces = merged[faces].astype(np.int32)
    corners = np.sort(faces, axis=1)
    faces = faces[(corners[:, 1:] != corners[:, :-1]).all(axis=1)]
    used, renumbered = np.unique(faces, return_inverse=True)
    return vertices[used], renumbered.reshape(-1, 3).astype(np.int32)
