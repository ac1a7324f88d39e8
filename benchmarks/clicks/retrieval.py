"""How well "more like this" finds the other leaves of a structure, and how long it takes."""

import statistics
import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.structures.similar import similar

SELECTED = (1, 2, 3)
"""Leaves of the structure that are given."""
QUERIES = 20
"""Selections of each number, drawn by the voxels of the leaves."""
MAJORITY = 0.5
"""Share of a leaf's voxels that makes it one of the structure."""
MIN_LEAVES = 4
"""Leaves in and outside of a structure below which nothing is said."""
LEAVES, LATENT, FEATURES, REPEATS = 4096, 16, 12, 20
"""Of the timed answers."""

Descriptors = npt.NDArray[np.float32] | None


def retrieval_auc(
    table: Contingency,
    labels: Sequence[int],
    points: npt.NDArray[np.float32],
    descriptors: Descriptors,
    metric: Metric,
) -> float | None:
    """Area under the ROC curve for the other leaves of a structure, mean over selections of one to three of its leaves.

    None where too few leaves are in the structure, or outside it.
    """
    hits, sizes, _ = table.against(labels)
    inside = hits > MAJORITY * np.maximum(sizes, 1)
    if min(inside.sum(), (~inside).sum()) < MIN_LEAVES:
        return None
    rng, areas = np.random.default_rng(0), []
    members, weights = np.flatnonzero(inside), sizes[inside] / sizes[inside].sum()
    for count in np.repeat(SELECTED, QUERIES).tolist():
        selection = np.zeros(len(inside), dtype=np.bool_)
        selection[rng.choice(members, count, replace=False, p=weights)] = True
        order, _ = similar(selection, points, descriptors, metric)
        areas.append(_area(inside[order[count:]]))
    return float(np.mean(areas))


def answer_milliseconds() -> float:
    """Median wall-clock time of an answer for 4 096 leaves in a hyperbolic space, three of them selected."""
    rng = np.random.default_rng(0)
    points = (0.1 * rng.normal(size=(LEAVES, LATENT))).astype(np.float32)
    descriptors = np.abs(rng.normal(size=(LEAVES, FEATURES))).astype(np.float32)
    metric, times = curvature_metric(1.0), []
    selection = np.zeros(LEAVES, dtype=np.bool_)
    selection[:3] = True
    for _ in range(REPEATS):
        started = time.perf_counter()
        similar(selection, points, descriptors, metric)
        times.append(1e3 * (time.perf_counter() - started))
    return statistics.median(times)


def _area(found: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve of members (n,) in the order in which they are offered."""
    before = np.cumsum(~found)[found]
    others = int((~found).sum())
    return float(np.mean(others - before) / others)
