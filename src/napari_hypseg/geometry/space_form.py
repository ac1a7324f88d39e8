"""Space forms in NumPy: the hyperbolic, flat and spherical space of any dimension, in one set of formulas.

Points stand in R^(d+1): on the hyperboloid, on the plane of height 1, or on the unit sphere. Isometries are matrices
there and geodesics plane sections, which makes charts that are dragged cheap and exact. Lengths are in units of the
radius of curvature (Cannon et al. 1997, *Hyperbolic Geometry*, sections 7 and 8). torch is not needed: the window draws
with it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

TINY = 1e-300
"""Keeps 0/0 out of directions between coincident points."""
LEAST_GAP = 1e-9
"""Of 1 − c|x|²: points of a ball nearer to the rim are moved to it."""


@dataclass(frozen=True)
class SpaceForm:
    """One of the three geometries.

    Parameters
    ----------
    sign
        Of the sectional curvature: −1 hyperbolic, 0 flat, 1 spherical.
    """

    sign: int

    @classmethod
    def of_curvature(cls, curvature: float) -> "SpaceForm":
        """From the c of sectional curvature −c."""
        return cls(-int(np.sign(curvature)))

    def lift(self, points: npt.ArrayLike, curvature: float = 1.0) -> Array:
        """Points (n, d + 1) from those of the package's manifolds.

        Parameters
        ----------
        points
            (n, d) in the Poincaré ball of radius 1/√c or in flat space, or (n, d + 1) unit vectors.
        curvature
            The c of the ball.
        """
        x = np.asarray(points, dtype=np.float64)
        if self.sign > 0:
            return self.project(x)
        if self.sign == 0:
            return np.concatenate([np.ones((len(x), 1)), x], axis=1)
        x = np.sqrt(curvature) * x
        square = (x**2).sum(axis=1, keepdims=True)
        x *= np.sqrt(np.minimum(1, (1 - LEAST_GAP) / np.maximum(square, TINY)))
        return self.project(np.concatenate([np.ones_like(square), 2 * x / np.maximum(1 - square, LEAST_GAP)], axis=1))

    def project(self, x: Array) -> Array:
        """Points (…, d + 1) that rounding moved off the space, back on it."""
        if self.sign > 0:
            return np.asarray(x / np.linalg.norm(x, axis=-1, keepdims=True))
        rest = x[..., 1:]
        first = np.ones_like(x[..., :1]) if self.sign == 0 else np.sqrt(1 + (rest**2).sum(axis=-1, keepdims=True))
        return np.concatenate([first, rest], axis=-1)

    def square(self, step: Array) -> Array:
        """Squared length (…,) of vectors (…, d + 1): Minkowski's on the hyperboloid."""
        whole = (step[..., 1:] ** 2).sum(axis=-1)
        return np.asarray(np.maximum(whole + self.sign * step[..., 0] ** 2, 0))

    def dist(self, x: Array, y: Array) -> Array:
        """Distances (…,), from the chord, so that nothing cancels for near points."""
        return self._arc(self.square(y - x))

    def direction(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Unit tangent vectors (…, d + 1) at `x` towards `y`, 0 where they coincide, and the distances (…,)."""
        step = y - x
        chord = self.square(step)
        towards = step + (self.sign / 2 * chord)[..., None] * x
        length = np.sqrt(chord * np.maximum(1 - self.sign / 4 * chord, 0))
        return towards / np.maximum(length, TINY**0.5)[..., None], self._arc(chord)

    def expmap(self, x: Array, v: Array) -> Array:
        """The points (…, d + 1) reached from `x` with tangent vectors `v` after unit time."""
        length = np.sqrt(self.square(v))[..., None]
        if self.sign == 0:
            return x + v
        safe = np.maximum(length, TINY**0.5)
        sine, cosine = (np.sinh, np.cosh) if self.sign < 0 else (np.sin, np.cos)
        return self.project(cosine(length) * x + np.where(length > 0, sine(safe) / safe, 1) * v)

    def centroid(self, x: Array, weights: Array) -> Array:
        """Weighted mean (d + 1,) of points (n, d + 1): the Lorentz centroid (Law et al. 2019) and its counterparts."""
        return self.normalised(weights @ x)

    def normalised(self, x: Array) -> Array:
        """Sums of points (…, d + 1) scaled to points."""
        if self.sign == 0:
            return x / x[..., :1]
        length = np.sqrt(np.maximum(self.sign * ((x[..., 1:] ** 2).sum(-1) + self.sign * x[..., 0] ** 2), TINY))
        return self.project(x / length[..., None])

    def translation(self, point: Array) -> Array:
        """The isometry (d + 1, d + 1) that takes `point` (d + 1,) to the origin along their geodesic.

        On the hyperboloid it is a Lorentz boost, seen in the Poincaré ball the Möbius translation −p ⊕ x.
        """
        first, rest = float(point[0]), point[1:]
        made = np.eye(len(point))
        made[0, 0] = first if self.sign else 1.0
        made[0, 1:] = self.sign * rest
        made[1:, 0] = -rest
        made[1:, 1:] -= self.sign * np.outer(rest, rest) / max(1 + first, LEAST_GAP)
        return made

    def geodesic(self, x: Array, y: Array, count: int) -> Array:
        """Points (…, count, d + 1) evenly spaced along the geodesics from `x` to `y` (…, d + 1)."""
        towards, length = self.direction(x, y)
        steps = np.linspace(0, 1, count)[:, None] * length[..., None, None]
        return self.expmap(x[..., None, :], steps * towards[..., None, :])

    def _arc(self, chord: Array) -> Array:
        """Length of the geodesic over a squared chord."""
        half = np.sqrt(chord) / 2
        if self.sign == 0:
            return 2 * half
        return np.asarray(2 * (np.arcsinh(half) if self.sign < 0 else np.arcsin(np.minimum(half, 1))))
