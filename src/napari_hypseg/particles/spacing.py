"""Particles that keep their distance from one another."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress, Stage

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
POINTS_PER_REPORT = 2000
SLACK = 1e-9
"""Share of the distance by which two points may be nearer, for rounding."""


def spaced_job(points: Floats, spacing: float, order: Sequence[int] | Rows) -> Job[Rows]:
    """Places (m,), ascending, of points that are at least `spacing` apart, yielding ``Progress("pick", …)``.

    Each point is taken unless one that was taken before it is nearer, so none that is left could be added.

    Parameters
    ----------
    points
        (n, 3) in the unit of `spacing`.
    spacing
        Least distance.
    order
        Places (n,) in the order in which points are taken.
    """
    from scipy.spatial import cKDTree

    if not len(points):
        return np.zeros(0, np.int64)
    tree = cKDTree(points)
    free, taken = np.ones(len(points), dtype=bool), np.zeros(len(points), dtype=bool)
    for number, place in enumerate(order):
        if free[place]:
            taken[place] = True
            free[tree.query_ball_point(points[place], spacing * (1 - SLACK))] = False
        if number % POINTS_PER_REPORT == 0:
            yield Progress(Stage.PICK, number, len(points))
    return np.flatnonzero(taken)


def nearest_distances(points: Floats) -> Floats:
    """Distance (n,) from each of `points` (n, 3) to the nearest other one, NaN if there is none."""
    from scipy.spatial import cKDTree

    if len(points) < 2:
        return np.full(len(points), np.nan)
    distances, _ = cKDTree(points).query(points, k=2)
    return np.asarray(distances[:, 1])
