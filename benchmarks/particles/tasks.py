"""The tasks: what the images are, which models learn from them, and for how long."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from benchmarks.particles.digits import digits
from benchmarks.particles.posed_images import PosedImages
from benchmarks.particles.two_domains import two_domains

EDGE = 24
SNR = 1.0
ANGLE_SCALE = np.pi / 4
SHIFT_SCALE = 1.4
"""Of the digits, as in section 4.2 of Bepler et al.: standard deviations of rotation and shift in pixels."""
RATE = 4e-3
NETWORK: Mapping[str, Any] = MappingProxyType({"width": 32, "decoded_pixels": 96, "compared_pixels": 48})
SPATIAL, SINGLE, FIXED, PLAIN = "spatial-VAE", "the same, one start", "the same, pose fixed", "plain VAE"
PLAIN_1, PLAIN_2 = f"{PLAIN}, 1 dimension", f"{PLAIN}, 2 dimensions"


@dataclass(frozen=True)
class Task:
    """Images and the models that learn from them.

    Parameters
    ----------
    name
        Of the task.
    images
        From their number and a source of random numbers to images.
    likelihood
        Distribution of a value.
    spatial
        Settings of each spatial-VAE, by the name of its row.
    plain
        Latent dimension of each plain VAE, by the name of its row.
    steps
        Steps of learning.
    learned, held_out
        Images to learn from, and images on which all is scored.
    """

    name: str
    images: Callable[[int, np.random.Generator], PosedImages]
    likelihood: str
    spatial: Mapping[str, Mapping[str, Any]]
    plain: Mapping[str, int]
    steps: int
    learned: int = 2000
    held_out: int = 500


def _two_domains(count: int, random: np.random.Generator) -> PosedImages:
    return two_domains(count, EDGE, SNR, random)


def _digits(count: int, random: np.random.Generator) -> PosedImages:
    return digits(count, EDGE, ANGLE_SCALE, SHIFT_SCALE, random)


_CONFORMATION = {"latent_dim": 1, "shift_prior": 0.0, "frozen_epochs": 0.5, "warm_epochs": 1.5}
_DIGIT = {
    "latent_dim": 2,
    "likelihood": "bernoulli",
    "angle_prior": float(np.degrees(ANGLE_SCALE)),
    "mean_free": False,
    "shift_prior": SHIFT_SCALE,
}
TASKS = (
    Task(
        "conformation",
        _two_domains,
        "normal",
        {SPATIAL: _CONFORMATION, SINGLE: {**_CONFORMATION, "starts": 1}},
        {PLAIN_1: 1, PLAIN_2: 2},
        4000,
        20_000,
        2000,
    ),
    Task(
        "digits",
        _digits,
        "bernoulli",
        {SPATIAL: _DIGIT, FIXED: {**_DIGIT, "angle_prior": 0.0, "shift_prior": 0.0}},
        {PLAIN_2: 2},
        3000,
    ),
)
