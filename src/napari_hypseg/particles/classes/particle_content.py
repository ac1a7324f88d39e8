"""The content of particles as points of a latent space, in a table of classes and in the plane that is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

STEM, CURVATURE = "content_", "content_curvature"


@dataclass(frozen=True, eq=False)
class ParticleContent:
    """Where the content of n particles lies.

    Parameters
    ----------
    points
        float32 (n, e): coordinates in the Poincaré ball, flat space, or on the unit sphere; NaN where nothing is known.
    curvature
        The c of sectional curvature −c: above 0 hyperbolic, 0 flat, below 0 spherical.
    """

    points: npt.NDArray[np.float32]
    curvature: float = 0.0

    @property
    def known(self) -> npt.NDArray[np.int64]:
        """The particles (m,) whose content is known, by their places."""
        return np.flatnonzero(np.isfinite(self.points).all(axis=1))

    def spread(self, rows: npt.NDArray[np.int64], n: int) -> "ParticleContent":
        """The content of `n` particles, of which those at `rows` are these and nothing is known of the others."""
        points = np.full((n, self.points.shape[1]), np.nan, dtype=np.float32)
        points[rows] = self.points
        return ParticleContent(points, self.curvature)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Columns (n,) of a table by name; a flat space needs no curvature."""
        made: dict[str, npt.NDArray[Any]] = {f"{STEM}{axis + 1}": points for axis, points in enumerate(self.points.T)}
        return made if not self.curvature else made | {CURVATURE: np.full(len(self.points), self.curvature)}


def content_of(columns: Mapping[str, npt.NDArray[np.float64]]) -> ParticleContent | None:
    """The content in the columns (n,) of a table, None if it has none."""
    names = [name for name in (f"{STEM}{axis + 1}" for axis in range(len(columns))) if name in columns]
    if not names:
        return None
    curvature = columns.get(CURVATURE, np.zeros(1))
    points = np.stack([columns[name] for name in names], axis=1).astype(np.float32)
    return ParticleContent(points, float(curvature[0]) if len(curvature) else 0.0)
