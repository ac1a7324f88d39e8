"""The protocol of a manifold, on which latents, losses, clustering and decoders depend instead of on any one space."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from torch import Tensor


@dataclass(frozen=True)
class PlaneActivation:
    """Scalar function from an inner product to a signed distance, for autograd and with its derivative.

    Hand-written backward passes use the derivative.
    """

    value: Callable[[Tensor], Tensor]
    with_slope: Callable[[Tensor], tuple[Tensor, Tensor]]


class LogmapTerms(NamedTuple):
    """The logarithm as ``along * step - back * x``, whose factors are numbers.

    Parameters
    ----------
    step
        (N, e); y − x.
    along, back
        (N,).
    dist
        (N,); geodesic distance.
    """

    step: Tensor
    along: Tensor
    back: Tensor
    dist: Tensor


class Manifold(Protocol):
    """A complete Riemannian manifold; points and tangent vectors are (…, e) in its coordinates, channel last.

    The dimension d is that of the manifold, whatever `ambient_dim` it has: a point is (…, e) and *frame* coordinates,
    of which a network gives one each, are (…, d). Where nothing else is said below, e = d.

    Everything is a pure function, broadcasts over leading axes and keeps dtype and device. float32 and float64 are
    supported; under mixed precision cast to float32 first. Tangent vectors are in the same coordinates as the points
    unless called frame coordinates, which are orthonormal: their length is Riemannian length.
    """

    @property
    def name(self) -> str:
        """Name in settings and saved runs, for example ``"poincare"``."""
        ...

    @property
    def curvature(self) -> float:
        """The c of sectional curvature −c: 0 on flat space, below 0 on the sphere."""
        ...

    @property
    def safe_radius(self) -> float:
        """Geodesic radius about the origin within which locations stay, so that their neighbourhoods are resolved."""
        ...

    @property
    def plane_activation(self) -> PlaneActivation:
        """Scalar function that turns an inner product of `lift` and a normal into a signed distance."""
        ...

    def ambient_dim(self, dim: int) -> int:
        """Number of coordinates e of a point on the manifold of dimension `dim`."""
        ...

    def project(self, x: Tensor) -> Tensor:
        """Project points that rounding moved off the manifold back onto it."""
        ...

    def expmap0(self, v: Tensor) -> Tensor:
        """Exponential map at the origin; ``expmap0(0)`` is the origin."""
        ...

    def logmap0(self, x: Tensor) -> Tensor:
        """Inverse of `expmap0`."""
        ...

    def expmap(self, x: Tensor, v: Tensor) -> Tensor:
        """Point reached from `x` with initial velocity `v` after unit time."""
        ...

    def logmap(self, x: Tensor, y: Tensor) -> Tensor:
        """Inverse of `expmap`: the tangent vector at `x` that points to `y`."""
        ...

    def logmap_terms(self, x: Tensor, y: Tensor) -> LogmapTerms:
        """Terms of `logmap` at `x` (N, d) for each `y` (N, d), so that sums of logarithms need few passes."""
        ...

    def transp0(self, x: Tensor, v: Tensor) -> Tensor:
        """Parallel transport of `v` from the origin to `x` along the geodesic."""
        ...

    def from_frame(self, x: Tensor, u: Tensor) -> Tensor:
        """Tangent vector at `x` with coordinates `u` in the orthonormal frame transported there from the origin."""
        ...

    def to_frame(self, x: Tensor, v: Tensor) -> Tensor:
        """Inverse of `from_frame`."""
        ...

    def logdetexp(self, u: Tensor) -> Tensor:
        """Log-determinant (…) of the exponential map at frame coordinates `u` (…, d), the same at every point."""
        ...

    def dist(self, x: Tensor, y: Tensor) -> Tensor:
        """Geodesic distance (…), broadcasting; its gradient at ``x = y`` is 0."""
        ...

    def pairwise_dist(self, x: Tensor, y: Tensor) -> Tensor:
        """Distances (N, K) between `x` (N, d) and `y` (K, d) without an (N, K, d) array."""
        ...

    def queries(self, x: Tensor) -> Tensor:
        """Coordinates (N, e) such that ``queries(x) @ keys(y).T`` rises with the distance for each fixed x.

        One matrix product then finds the nearest of many points; no outer function is evaluated.
        """
        ...

    def keys(self, y: Tensor) -> Tensor:
        """Counterpart (K, e) of `queries`."""
        ...

    def hessian_bound(self, u: Tensor) -> Tensor:
        """Largest eigenvalue (…) of the Hessian of half the squared distance at frame offset `u`; 1 in flat space."""
        ...

    def centroids(self, points: Tensor, assignment: Tensor, k: int, weights: Tensor | None = None) -> Tensor:
        """Closed-form means (k, d) to start an iteration from; the origin for an empty group."""
        ...

    def frechet_means(self, points: Tensor, assignment: Tensor, k: int, weights: Tensor | None = None) -> Tensor:
        """Fréchet mean of each group: (k, d) from `points` (N, d), `assignment` int64 (N,) and `weights` (N,).

        The mean of an empty group is the origin.
        """
        ...

    def frechet_mean(self, points: Tensor, weights: Tensor | None = None) -> Tensor:
        """Fréchet mean (d,) of `points` (N, d)."""
        ...

    def to_euclidean(self, z: Tensor) -> Tensor:
        """Coordinates (…, e) for an ordinary layer: continuous everywhere, with lengths about those of the manifold."""
        ...

    def lift(self, z: Tensor) -> Tensor:
        """Coordinates (…, e) in which hyperplanes are linear."""
        ...

    def hyperplanes(self, direction: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
        """Lifted normals and magnitudes (m,) of hyperplanes with directions (m, d); see `hyperplane_values`."""
        ...


def hyperplane_values(manifold: Manifold, z: Tensor, direction: Tensor, offset: Tensor) -> Tensor:
    """Signed distance of `z` to hyperplanes, times the length of their normals, in one form for all manifolds.

    The signed distance of z to a hyperplane is ``plane_activation(<lift(z), normal>)``: an inner product in lifted
    coordinates, then one scalar function. A layer over many hyperplanes is therefore a matrix product and an
    elementwise function, and depends neither on the manifold nor on its curvature.

    Parameters
    ----------
    manifold
        Where `z` lies.
    z
        Points (…, d).
    direction
        Normals (m, d) in frame coordinates at the origin, up to a factor; the hyperplane's own normal is its
        parallel transport.
    offset
        (m,); hyperplane i passes through ``expmap0(offset_i * direction_i / |direction_i|)``.

    Returns
    -------
    Tensor
        (…, m), positive on the side to which the normal points.
    """
    normals, magnitudes = manifold.hyperplanes(direction, offset)
    return magnitudes * manifold.plane_activation.value(manifold.lift(z) @ normals.T)
