"""Which particles are junk: those at places that a person has marked, however often particles are found again."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from napari_hypseg.particles.particle_set import ParticleSet

REACH = 1.0
"""Voxels from a marked place at which a particle is still taken for the one that was marked."""
DIGITS = 3
"""Of a place in voxels that are kept."""
Floats = npt.NDArray[np.float64]
Place = tuple[float, float, float]


def junk_mask(particles: ParticleSet, places: Collection[Place]) -> npt.NDArray[np.bool_]:
    """Whether each particle (n,) lies at one of the marked `places`, in voxels (z, y, x)."""
    return _near(particles.positions, np.array(sorted(places), dtype=np.float64))


def places_of(particles: ParticleSet) -> tuple[Place, ...]:
    """Places of particles as they are marked."""
    return tuple((z, y, x) for z, y, x in np.round(particles.positions, DIGITS).tolist())


def marks_on(particles: ParticleSet, places: Collection[Place]) -> tuple[Place, ...]:
    """Those of the marked `places` by which one of the particles is junk."""
    marks = sorted(places)
    hit = _near(np.array(marks, dtype=np.float64), particles.positions)
    return tuple(mark for mark, near in zip(marks, hit, strict=True) if near)


def _near(points: Floats, others: Floats) -> npt.NDArray[np.bool_]:
    """Whether each point (n, 3) is within reach of one of the others (m, 3)."""
    from scipy.spatial import cKDTree

    if not len(points) or not len(others):
        return np.zeros(len(points), dtype=bool)
    distances, _ = cKDTree(others).query(points)
    return np.asarray(distances <= REACH)
