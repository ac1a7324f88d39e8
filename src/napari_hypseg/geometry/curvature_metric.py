"""The metrics of the package's manifolds in NumPy, by their curvature.

Trees ask for some thousand distances of one point to a few hundred others, and for as many means of two points. In
torch each call of a formula takes several times as long as these take.
"""

import numpy as np

from napari_hypseg.geometry.metric import EUCLIDEAN, Array, Metric

GAP_FLOOR = 1e-5
"""Of 1 − c|x|², against division by 0: far below that of any float32 point which the ball keeps inside its rim."""
TINY = 1e-300
"""Keeps 0/0 out of the mean of points that cancel."""


def curvature_metric(curvature: float) -> Metric:
    """Distances and closed-form means of the manifold of sectional curvature −`curvature`.

    The closed form stands in for the Fréchet mean: every merge of a tree asks for one, and iterating made trees 30
    times slower. Distances are from chords, so that nothing cancels for near points; they are of float64.
    """
    if curvature > 0:
        return _ball_metric(curvature)
    return EUCLIDEAN if curvature == 0 else SPHERE


def _ball_metric(curvature: float) -> Metric:
    """The Poincaré ball; means are Einstein midpoints, which are Lorentz centroids (Law et al. 2019) seen in it."""

    def gaps(points: Array) -> Array:
        return np.asarray(np.maximum(1 - curvature * _squares(points), GAP_FLOOR))

    def pairwise(first: Array, second: Array) -> Array:
        first, second = first.astype(np.float64), second.astype(np.float64)
        ratio = _chords(first, second) / (gaps(first)[:, None] * gaps(second))
        return np.asarray(np.arcsinh(np.sqrt(curvature * ratio)) * (2 / np.sqrt(curvature)))

    def centroid(points: Array, weights: Array) -> Array:
        points = points.astype(np.float64)
        factors = 2 / gaps(points)
        total = np.einsum("bn,bn->b", weights, factors - 1)
        klein = np.einsum("bn,bnd->bd", weights * factors, points) / np.maximum(total, TINY)[:, None]
        return np.asarray(klein / (1 + np.sqrt(np.maximum(1 - curvature * _squares(klein), 0)))[:, None])

    return Metric(pairwise, centroid)


def _sphere_pairwise(first: Array, second: Array) -> Array:
    first, second = first.astype(np.float64), second.astype(np.float64)
    chords = _chords(first, second)
    return np.asarray(2 * np.arctan2(np.sqrt(chords), np.sqrt(np.maximum(4 - chords, 0))))


def _sphere_centroid(points: Array, weights: Array) -> Array:
    """Sums, divided by their lengths; the origin where points cancel."""
    sums = np.einsum("bn,bnd->bd", weights.astype(np.float64), points)
    lengths = np.sqrt(_squares(sums))[:, None]
    origin = np.zeros_like(sums)
    origin[:, 0] = 1
    return np.asarray(np.where(lengths > TINY, sums / np.maximum(lengths, TINY), origin))


def _squares(points: Array) -> Array:
    """Squared lengths (…,) of vectors (…, d)."""
    return np.asarray(np.einsum("...d,...d->...", points, points))


def _chords(first: Array, second: Array) -> Array:
    """Squared lengths (m, n) of the differences of (m, d) and (n, d) vectors."""
    return _squares(first[:, None, :] - second[None, :, :])


SPHERE = Metric(_sphere_pairwise, _sphere_centroid)
