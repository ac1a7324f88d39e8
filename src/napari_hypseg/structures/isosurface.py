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
    vertices, faces, count = [np.empty((0, 3), np.float32)], [np.empty((0, 3), np.int32)], 0
    for first in range(0, len(cells) - 1, step):
        part = cells[first : first + step + 1]
        if part.max() > level > part.min():
            points, corners, _, _ = marching_cubes(part, level, gradient_direction="descent")
            points[:, 0] += first
            vertices.append(points)
            faces.append(corners.astype(np.int32) + count)
            count += len(points)
        yield Progress(Stage.SURFACE, min(first + step, len(cells)), len(cells))
    weld = _Weld(np.concatenate(vertices))
    for seam in range(step, len(cells) - 1, step):
        weld.join(seam)
        yield Progress(Stage.SURFACE, seam, len(cells))
    kept = [np.empty((0, 3), np.int32)]
    for number, triangles in enumerate(faces):
        kept.append(weld.chosen(triangles))
        yield Progress(Stage.SURFACE, number, len(faces))
    return weld.used(), weld.renumbered(np.concatenate(kept))


class _Weld:
    """Vertices (n, 3) in the order of their slabs, and which one of them stands for each."""

    def __init__(self, vertices: Vertices) -> None:
        self._vertices = vertices
        self._chosen = np.arange(len(vertices), dtype=np.int32)
        self._used = np.zeros(len(vertices), dtype=bool)

    def join(self, seam: int) -> None:
        """Let each vertex in the plane `seam` stand once."""
        here = np.flatnonzero(self._vertices[:, 0] == seam)
        y, x = np.rint(self._vertices[here, 1:] / SAME_PLACE).astype(np.int64).T
        _, first, places = np.unique(y * (int(x.max(initial=0)) + 1) + x, return_index=True, return_inverse=True)
        self._chosen[here] = here[first][places]

    def chosen(self, faces: Faces) -> Faces:
        """Triangles (m, 3) of the vertices that stand for others, without those that have become a line."""
        faces = self._chosen[faces]
        a, b, c = faces.T
        faces = faces[(a != b) & (b != c) & (c != a)]
        self._used[faces] = True
        return faces

    def used(self) -> Vertices:
        """Vertices that some triangle has."""
        return self._vertices[self._used]

    def renumbered(self, faces: Faces) -> Faces:
        """Triangles of the vertices that are used."""
        return np.asarray((np.cumsum(self._used, dtype=np.int32) - 1)[faces])
