"""Projections of an object of two domains, one of which turns about a hinge: a continuous conformation."""

import numpy as np

from benchmarks.particles.posed_images import Floats, PosedImages, rotated_points, standardised

BODY = np.array(
    [[0.0, 0.0], [-0.17, 0.14], [-0.31, -0.07], [-0.42, 0.17], [-0.14, -0.2], [-0.45, -0.25], [-0.25, 0.28]]
)
"""Centres of the Gaussians of the first domain; the image reaches from −1 to 1."""
BODY_MASSES = np.array([1.0, 1.0, 0.9, 0.8, 0.9, 0.7, 0.6])
ARM = np.array([[0.14, 0.0], [0.28, 0.04], [0.42, 0.07], [0.56, 0.11], [0.59, -0.08]])
ARM_MASSES = np.array([0.9, 0.9, 0.9, 1.0, 0.8])
HINGE = np.array([0.07, 0.0])
WIDTH = 0.1
"""Standard deviation of the Gaussians: a projection of one in space is one in the plane."""
OPENING = np.radians([-15.0, 45.0])
"""Angle of the arm at the two ends of the conformation."""


def two_domains(count: int, edge: int, snr: float, random: np.random.Generator) -> PosedImages:
    """`count` projections along one direction, turned by any angle in the plane, with white noise.

    Parameters
    ----------
    count, edge
        Number of images, and their edge in pixels.
    snr
        Variance of the projections relative to that of the noise.
    random
        Source of conformations, which are uniform in [−1, 1], angles and noise.
    """
    conformation = random.uniform(-1, 1, count)
    angles = random.uniform(0, 2 * np.pi, count)
    opening = OPENING.mean() + conformation * np.ptp(OPENING) / 2
    arm = rotated_points(np.broadcast_to(ARM - HINGE, (count, *ARM.shape)), -opening) + HINGE
    points = np.concatenate([np.broadcast_to(BODY, (count, *BODY.shape)), arm], axis=1)
    clean = _projections(rotated_points(points, angles), np.concatenate([BODY_MASSES, ARM_MASSES]), edge)
    noise = random.normal(size=clean.shape) * clean.std() / np.sqrt(snr)
    return PosedImages(standardised(clean + noise), conformation, angles, np.zeros((count, 2)))


def _projections(points: Floats, masses: Floats, edge: int) -> Floats:
    line = np.linspace(-1, 1, edge)
    along_y, along_x = (np.exp(-0.5 * ((line - points[..., axis, None]) / WIDTH) ** 2) for axis in (0, 1))
    return np.asarray(np.einsum("k,nky,nkx->nyx", masses, along_y, along_x, optimize=True))
