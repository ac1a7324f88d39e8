"""Points of a latent space in the plane of the same geometry, with distances kept as well as can be.

For two latent dimensions nothing is lost. Otherwise metric multidimensional scaling: each point is moved along the
geodesics to random others by how much too long or too short they are (the Riemannian gradient of Sammon's stress, in
the spirit of Cvetkovski & Crovella 2011), beginning with the first two principal components of the tangent space at the
mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from napari_hypseg.geometry.space_form import Array, SpaceForm

Partners = tuple[npt.NDArray[np.int64], Array, Array]

MAX_PAIRS = 262_144
"""Distances in memory at once."""
PARTNERS = (8, 64)
"""Fewest and most others that a point is compared with in a step."""
BATCHES, ROUNDS = 4, 30
LAST_RATE = 0.05
JUDGED_PAIRS = 100_000
NEAR, FAR = 8, 24
"""Nearest and random points by which another point is placed among those that stand already."""
LEAST = 1e-6
"""Share of the mean distance below which a distance counts as 0."""


@dataclass(frozen=True, eq=False)
class PlanarProjection:
    """Where the points are drawn.

    Parameters
    ----------
    space
        The geometry.
    points
        float64 (n, 3) in `space`, their mean at the origin.
    dim
        Dimension of the latent space.
    error
        Mean relative error of the distances, 0 if `exact`.
    correlation
        Rank correlation of the distances in the plane and in latent space, 1 if `exact`.
    """

    space: SpaceForm
    points: Array
    dim: int
    error: float = 0.0
    correlation: float = 1.0

    @property
    def exact(self) -> bool:
        """Whether every distance is kept."""
        return self.dim <= 2


def project_to_plane(
    points: npt.ArrayLike, curvature: float, weights: npt.ArrayLike | None = None, seed: int = 0
) -> PlanarProjection:
    """Project points of a latent space to the plane of its geometry.

    Parameters
    ----------
    points
        (n, e) coordinates in the Poincaré ball, flat space, or on the unit sphere (e = d + 1).
    curvature
        The c of sectional curvature −c.
    weights
        (n,), for instance voxels: the weighted mean becomes the origin. All equal by default.
    seed
        Of the random pairs.
    """
    space = SpaceForm.of_curvature(curvature)
    latent = space.lift(points, curvature)
    dim = latent.shape[1] - 1
    mass = np.ones(len(latent)) if weights is None else np.asarray(weights, dtype=np.float64)
    planar = _padded(centred(space, latent, mass)) if dim <= 2 else _start(space, latent, mass)
    if dim <= 2 or len(planar) < 3:
        return PlanarProjection(space, planar, dim)
    rng = np.random.default_rng(seed)
    planar = centred(space, _improved(space, latent, planar, rng), mass)
    return PlanarProjection(space, planar, dim, *distortion(space, latent, planar, rng))


def place_others(
    projection: PlanarProjection,
    points: npt.ArrayLike,
    others: npt.ArrayLike,
    curvature: float,
    weights: npt.ArrayLike | None = None,
    seed: int = 0,
) -> Array:
    """Where other points (m, e) of the same latent space are drawn, float64 (m, 3), among those of a projection.

    Parameters
    ----------
    projection
        Of `points`, which stay where they are.
    points, curvature, weights
        As they were projected.
    others
        (m, e), in the coordinates of `points`.
    """
    space, known, new = projection.space, np.asarray(points), np.asarray(others)
    latent, lifted = space.lift(known, curvature), space.lift(new, curvature)
    if projection.exact:
        mass = np.ones(len(latent)) if weights is None else np.asarray(weights, dtype=np.float64)
        return _padded(space.project(lifted @ _centring(space, latent, mass).T))
    _, nearest = KDTree(known).query(new, min(NEAR, len(known)))
    nearest = nearest.reshape(len(new), -1)
    far = np.random.default_rng(seed).integers(0, len(known), (len(new), FAR))
    partners = np.concatenate([nearest, far], axis=1)
    wanted = space.dist(lifted[:, None], latent[partners])
    fixed, pull = projection.points[partners], _pulls(wanted)
    planar: Array = projection.points[nearest[:, 0]]
    for rate in np.geomspace(1, LAST_RATE, ROUNDS):
        planar = _moved(space, planar, fixed, wanted, pull, rate)
    return planar


def centred(space: SpaceForm, points: Array, weights: Array) -> Array:
    """Points (n, d + 1) moved so that their weighted mean is the origin."""
    return space.project(points @ _centring(space, points, weights).T)


def distortion(space: SpaceForm, latent: Array, planar: Array, rng: np.random.Generator) -> tuple[float, float]:
    """Mean relative error and rank correlation of the distances of random pairs."""
    first, second = rng.integers(0, len(latent), (2, JUDGED_PAIRS))
    wanted = space.dist(latent[first], latent[second])
    known = wanted > LEAST * wanted.mean()
    if not known.any():
        return 0.0, 1.0
    wanted, found = wanted[known], space.dist(planar[first], planar[second])[known]
    ranks = np.stack([np.argsort(np.argsort(one)) for one in (wanted, found)]) - (len(wanted) - 1) / 2
    correlation = float(ranks[0] @ ranks[1] / max(ranks[0] @ ranks[0], 1))
    return float(np.mean(np.abs(found - wanted) / wanted)), correlation


def _centring(space: SpaceForm, points: Array, weights: Array) -> Array:
    """The isometry (d + 1, d + 1) that takes the weighted mean of points to the origin."""
    return space.translation(space.centroid(points, np.maximum(weights, 1e-9) / weights.sum()))


def _padded(points: Array) -> Array:
    """Points of a space of at most two dimensions in that of two."""
    return np.pad(points, ((0, 0), (0, 3 - points.shape[1])))


def _start(space: SpaceForm, latent: Array, weights: Array) -> Array:
    """The first two principal components in the tangent space at the mean, (n, 3)."""
    points = centred(space, latent, weights)
    origin = np.zeros_like(points)
    origin[:, 0] = 1
    towards, length = space.direction(origin, points)
    tangents = (towards * length[:, None])[:, 1:]
    variances, axes = np.linalg.eigh(tangents.T @ tangents)
    largest = axes[:, np.argsort(variances)[::-1][:2]]
    return space.expmap(origin[:, :3], np.pad(tangents @ largest, ((0, 0), (1, 0))))


def _improved(space: SpaceForm, latent: Array, planar: Array, rng: np.random.Generator) -> Array:
    """Fewer and fewer wrong distances: the same random partners in turn, with a falling rate."""
    batches = list(_partners(space, latent, rng))
    rates = np.geomspace(1, LAST_RATE, BATCHES * ROUNDS)
    for step, rate in enumerate(rates):
        others, wanted, pull = batches[step % BATCHES]
        planar = _moved(space, planar, planar[others], wanted, pull, rate)
    return planar


def _moved(space: SpaceForm, planar: Array, others: Array, wanted: Array, pull: Array, rate: float) -> Array:
    """Points (n, 3) a step nearer to, or farther from, others (n, p, 3), towards the wanted distances (n, p)."""
    towards, found = space.direction(planar[:, None], others)
    moves = np.einsum("np,npd->nd", pull * (found - wanted), towards)
    return space.expmap(planar, rate * moves)


def _partners(
    space: SpaceForm, latent: Array, rng: np.random.Generator
) -> Iterator[tuple[npt.NDArray[np.int64], Array, Array]]:
    """Others for each point (n, p), their distances in latent space, and how hard each pulls, near ones most."""
    n = len(latent)
    per_point = int(np.clip(MAX_PAIRS // n, *PARTNERS))
    for _ in range(BATCHES):
        others = (np.arange(n)[:, None] + rng.integers(1, n, (n, per_point))) % n
        wanted = space.dist(latent[:, None], latent[others])
        yield others, wanted, _pulls(wanted)


def _pulls(wanted: Array) -> Array:
    """How hard each of the others (n, p) pulls, near ones most."""
    pull = 1 / np.maximum(wanted, 0.1 * wanted.mean() + LEAST)
    return np.asarray(pull / pull.sum(axis=1, keepdims=True))
