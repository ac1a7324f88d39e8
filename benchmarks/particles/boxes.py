"""Boxes around an object in space that has a domain more or not, turned about one axis or about all three."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.particles.posed_images import Floats, standardised
from napari_hypseg.nn.spatial.pose_space import POSE_SPACES

OBJECT = np.array(
    [[0.0, 0.0, 0.0], [0.3, 0.05, 0.1], [-0.3, 0.1, 0.0], [0.05, 0.4, 0.1], [0.1, 0.1, -0.45], [-0.25, -0.3, 0.2]]
)
"""Centres of Gaussians (z, y, x); the box reaches from −1 to 1."""
DOMAIN = np.array([[0.2, -0.45, -0.2], [0.4, -0.3, -0.35]])
"""What half of the particles have besides."""
WIDTH = 0.16


@dataclass(frozen=True, eq=False)
class PosedBoxes:
    """Boxes with what they were made from.

    Parameters
    ----------
    boxes
        float32 (n, z, y, x).
    kinds
        int64 (n,): 1 with the domain, 0 without.
    rotations
        (n, 3, 3): R of eq. 2 of Bepler et al.
    """

    boxes: npt.NDArray[np.float32]
    kinds: npt.NDArray[np.int64]
    rotations: Floats


def posed_boxes(count: int, edge: int, snr: float, rotations: str, seed: int) -> PosedBoxes:
    """`count` boxes turned by any rotation of the kind `rotations`, ``"axis"`` or ``"space"``, with white noise."""
    random = np.random.default_rng(seed)
    turns = POSE_SPACES[rotations].random(count, torch.Generator().manual_seed(seed)).double().numpy()
    kinds = random.integers(2, size=count)
    points = np.concatenate([OBJECT, DOMAIN]) @ turns.swapaxes(1, 2)
    masses = np.ones((count, points.shape[1]))
    masses[:, len(OBJECT) :] = kinds[:, None]
    line = np.linspace(-1, 1, edge)
    along = [np.exp(-0.5 * ((line - points[..., axis, None]) / WIDTH) ** 2) for axis in range(3)]
    clean = np.einsum("nk,nkz,nky,nkx->nzyx", masses, *along, optimize=True)
    noise = random.normal(size=clean.shape) * clean.std() / np.sqrt(snr)
    return PosedBoxes(standardised(clean + noise), kinds, turns)


def rotation_errors(found: Floats, true: Floats) -> Floats:
    """Angles (n,) in degrees between rotations (n, 3, 3), up to the one rotation of the content that fits them best."""
    between = true.swapaxes(1, 2) @ found
    left, _, right = np.linalg.svd(between.sum(0))
    best = left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right
    cosine = (np.einsum("nij,ij->n", between, best) - 1) / 2
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
