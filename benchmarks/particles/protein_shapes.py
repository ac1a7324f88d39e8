"""Three kinds of protein at the detail of a binned tomogram: points of equal mass that fill simple bodies.

One voxel is taken as 13.6 Å. One kind is large; the other two are hollow barrels that weigh about the same.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.particles.posed_images import Floats

SPACING = 1.0
"""Voxels between the points of a kind."""


@dataclass(frozen=True, eq=False)
class Protein:
    """A kind of particle.

    Parameters
    ----------
    name
        What it resembles.
    points
        (n, 3) in voxels, order zyx, their mean at 0.
    has_axis
        Whether it looks the same in any turn about its axis z, and upside down; if not, it has no symmetry.
    """

    name: str
    points: Floats
    has_axis: bool = False

    @property
    def radius(self) -> float:
        """Voxels from the middle to the farthest point."""
        return float(np.linalg.norm(self.points, axis=1).max())


def _filled(*bodies: Floats) -> Floats:
    points = np.concatenate(bodies)
    points = np.unique(np.round(points / SPACING).astype(int), axis=0) * SPACING
    return np.asarray(points - points.mean(0))


def _grid(reach: float) -> Floats:
    line = np.arange(-np.ceil(reach), np.ceil(reach) + 1) * SPACING
    return np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)


def _ellipsoid(centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Floats:
    points = _grid(12)
    inside = (((points - centre) / radii) ** 2).sum(1) <= 1
    return np.asarray(points[inside])


def _tube(low: float, high: float, inner: float, outer: float) -> Floats:
    """Between two radii about the axis z, from `low` to `high` along it."""
    points = _grid(12)
    radius = np.hypot(points[:, 1], points[:, 2])
    return np.asarray(points[(radius >= inner) & (radius <= outer) & (points[:, 0] >= low) & (points[:, 0] <= high)])


PROTEINS = (
    Protein(
        "ribosome",
        _filled(
            _ellipsoid((0, 0, 0), (5.6, 6.6, 7.6)),
            _ellipsoid((7, 1, -1), (3.0, 4.0, 6.6)),
            _ellipsoid((-2, 7, 3), (2.2, 2.6, 2.2)),
            _ellipsoid((2, -6, 6), (2.0, 2.4, 2.0)),
        ),
    ),
    Protein(
        "capped proteasome",
        _filled(
            _tube(-5, 5, 1.5, 4.2), _ellipsoid((7, 1, 0), (2.6, 3.2, 2.4)), _ellipsoid((8, -2, 2), (1.8, 1.8, 1.8))
        ),
    ),
    Protein("chaperonin", _filled(_tube(-5, -1, 2.1, 5.2), _tube(1, 5, 2.1, 5.2)), has_axis=True),
)
