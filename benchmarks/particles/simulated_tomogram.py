"""A tomogram of three kinds of protein in any orientation, with a missing wedge and noise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.particles.posed_images import Floats
from benchmarks.particles.protein_shapes import PROTEINS, SPACING
from napari_hypseg.particles.classes.alignment.missing_wedge import measured_frequencies

SHAPE = (72, 272, 272)
PARTICLES = 300
QUICK_SHAPE, QUICK_PARTICLES = (40, 96, 96), 12
EDGE = 24
"""Of the boxes in which the signal-to-noise ratio is stated."""
GAP = 2.0
"""Voxels between the balls around two particles."""
WIDTH = 1.0
"""Standard deviation in voxels of the Gaussian that a point is drawn as."""
INSIDE = 0.5 * (2 * np.pi) ** 1.5 * (WIDTH / SPACING) ** 3
"""Half the density inside a body."""
TILT_RANGE = 60.0
WHITE, COLOURED = "white", "coloured"
NOISES = {WHITE: 0.0, COLOURED: 1.0}
"""Exponent by which the variance of the noise falls with the frequency."""


@dataclass(frozen=True, eq=False)
class SimulatedTomogram:
    """A tomogram with what it was made from.

    Parameters
    ----------
    grey
        float32 (z, y, x); proteins are dark.
    inside
        bool (z, y, x): voxels of particles, where the density is above half of what it is inside a body.
    positions
        (n, 3) in voxels: the centre of mass of each particle.
    kinds
        int64 (n,): place in `PROTEINS`.
    rotations
        (n, 3, 3), from the kind to the particle, acting on columns (z, y, x).
    """

    grey: npt.NDArray[np.float32]
    inside: npt.NDArray[np.bool_]
    positions: Floats
    kinds: npt.NDArray[np.int64]
    rotations: Floats


def simulated_tomogram(
    snr: float, seed: int, noise: str = WHITE, count: int = PARTICLES, shape: tuple[int, int, int] = SHAPE
) -> SimulatedTomogram:
    """A tomogram of `count` particles, a third of each kind, all of them whole.

    Parameters
    ----------
    snr
        Variance of the signal in boxes of `EDGE` voxels around the particles relative to that of the noise there; both
        miss the wedge.
    seed
        Of everything.
    noise
        Name in `NOISES`.
    count, shape
        Number of particles, and of voxels along z, y and x.
    """
    from scipy.spatial.transform import Rotation

    random = np.random.default_rng(seed)
    kinds = random.permutation(np.arange(count) % len(PROTEINS))
    radii = np.array([PROTEINS[kind].radius for kind in kinds])
    positions = _apart(radii, shape, random)
    rotations = Rotation.random(count, random_state=seed).as_matrix()
    clean = np.zeros(shape)
    for place, kind, rotation in zip(positions, kinds, rotations, strict=True):
        corner = np.round(place).astype(int) - EDGE // 2
        part = tuple(slice(first, first + EDGE) for first in corner)
        clean[part] -= _drawn(PROTEINS[kind].points @ rotation.T + place - corner)
    inside = clean < -INSIDE
    measured = measured_frequencies(shape, TILT_RANGE)
    clean, noisy = (
        np.fft.ifftn(np.fft.fftn(one) * weights).real
        for one, weights in ((clean, measured), (random.normal(size=shape), measured * _colour(shape, NOISES[noise])))
    )
    strength = np.sqrt(boxes_at(clean, positions).var() / snr) / noisy.std()
    return SimulatedTomogram((clean + strength * noisy).astype(np.float32), inside, positions, kinds, rotations)


def boxes_at(grey: Floats, positions: Floats, edge: int = EDGE) -> Floats:
    """Boxes (n, edge, edge, edge) of a tomogram (z, y, x), the particle in voxel `edge // 2` up to half a voxel."""
    corners = np.round(positions).astype(int) - edge // 2
    return np.stack([grey[tuple(slice(first, first + edge) for first in corner)] for corner in corners])


def _drawn(points: Floats) -> Floats:
    line = np.arange(EDGE)
    along = [np.exp(-0.5 * ((line - points[:, axis, None]) / WIDTH) ** 2) for axis in range(3)]
    return np.asarray(np.einsum("kz,ky,kx->zyx", *along, optimize=True))


def _colour(shape: tuple[int, ...], exponent: float) -> Floats:
    """Factors (z, y, x) of the amplitudes of noise, 1 at the finest detail along an axis."""
    squares = sum(axis**2 for axis in np.meshgrid(*(np.fft.fftfreq(n) for n in shape), indexing="ij", sparse=True))
    return np.asarray(np.maximum(np.sqrt(squares), 1 / max(shape)) * 2) ** (-exponent / 2)


def _apart(radii: Floats, shape: tuple[int, int, int], random: np.random.Generator) -> Floats:
    """Places (n, 3) for balls of `radii` with a gap between them, the large ones placed first.

    Raises
    ------
    ValueError
        If there is no room for as many.
    """
    places = np.zeros((len(radii), 3))
    placed: list[int] = []
    for one in np.argsort(-radii, kind="stable"):
        for _ in range(5000):
            place = random.uniform(EDGE // 2, np.array(shape) - 1 - EDGE // 2)
            distances = np.linalg.norm(places[placed] - place, axis=1)
            if (distances >= radii[placed] + radii[one] + GAP).all():
                break
        else:
            raise ValueError(f"There is no room for {len(radii)} particles in {shape} voxels.")
        places[one] = place
        placed.append(int(one))
    return places
