"""What a specimen is made of: grey values at every scale."""

import numpy as np

from benchmarks.ct_phantom.body import Lump
from benchmarks.ct_phantom.frame import Array, Frame, Vectors, oriented_noise, rotation
from benchmarks.ct_phantom.specimen import Placed

SCALES = ((0.12, 0.45), (0.05, 0.6), (0.025, 0.6))  # lattice of a texture as a share of the extent, and its weight
SPOT = (0.018, 0.04)  # radius of a skeleton-like spot as a share of the extent


def tissue(frame: Frame, specimen: Placed, rng: np.random.Generator) -> tuple[Array, list[Vectors]]:
    """Grey values on the specimen's window, of mean 0 and standard deviation 1 over the specimen, and bright spots.

    Texture of three scales, one of them fibrous; organs that are brighter, darker or cavities; small bright spots; a
    skin.
    """
    grey = _texture(frame, specimen, rng)
    for organ, level in _organs(frame, specimen, rng):
        _add_organ(grey, frame, specimen, organ, level, rng)
    spots = _spots(grey, frame, specimen, rng)
    inside = grey[specimen.mask]
    grey = (grey - inside.mean()) / inside.std()
    return np.clip(grey, -3, 4), spots


def fringe(frame: Frame, specimen: Placed, rng: np.random.Generator) -> Array:
    """The skin as phase contrast shows it, on the window: a rim inside, its opposite outside, uneven in strength."""
    width = max(0.9 * frame.finest, 0.008 * frame.scale)
    sign = rng.choice([-1.0, 1.0], p=[0.35, 0.65])
    strength = sign * rng.uniform(0.8, 1.5)
    uneven = oriented_noise(frame, specimen.window, 0.15 * specimen.extent, rotation(rng), rng)
    away = specimen.depth / np.float32(width)
    rim: Array = away * np.exp(-np.square(away) / 2) * (1.65 * strength * np.clip(1 + 0.4 * uneven, 0.2, 1.8))
    return rim


def _texture(frame: Frame, specimen: Placed, rng: np.random.Generator) -> Array:
    """Noise of several scales, the middle one drawn out to fibres."""
    total = np.zeros(specimen.window.shape, dtype=np.float32)
    fibres = rng.uniform(1.5, 4.0)
    for number, (share, weight) in enumerate(SCALES):
        length = max(share * specimen.extent * rng.uniform(0.8, 1.25), 1.4 * frame.finest)
        lengths = length * np.array([fibres if number == 1 else 1.0, 1.0, 1.0])
        total += np.float32(weight * rng.uniform(0.8, 1.2)) * oriented_noise(
            frame, specimen.window, lengths, rotation(rng), rng
        )
    return total


def _organs(frame: Frame, specimen: Placed, rng: np.random.Generator) -> list[tuple[Lump, float]]:
    """Organs and their grey values relative to the tissue around them."""
    organs = []
    for number in range(rng.integers(4, 9)):
        size = specimen.extent * rng.uniform(0.07, 0.17)
        lump = Lump(_spot_inside(frame, specimen, rng), size * rng.uniform(0.6, 1.4, 3), rotation(rng))
        level = rng.choice([-1, 1]) * rng.uniform(0.6, 1.3) if number else -rng.uniform(1.5, 2.2)  # the first: a cavity
        organs.append((lump, float(level)))
    return organs


def _add_organ(
    grey: Array, frame: Frame, specimen: Placed, organ: Lump, level: float, rng: np.random.Generator
) -> None:
    """Shift the grey values inside an organ; its texture is weaker or stronger than that around it."""
    box = frame.around(organ.centre, float(organ.radii.max()) + 2 * frame.finest).intersect(specimen.window)
    here = box.shift((-specimen.window.start[0], -specimen.window.start[1], -specimen.window.start[2])).slices
    distance = organ.distance(*frame.axes(box))
    share = np.clip(0.5 - distance / np.float32(1.5 * frame.finest), 0, 1)
    share *= np.clip(specimen.depth[here] / np.float32(0.03 * specimen.extent), 0, 1)
    grey[here] = grey[here] * (1 + share * np.float32(rng.uniform(-0.5, 0.3))) + share * np.float32(level)


def _spots(grey: Array, frame: Frame, specimen: Placed, rng: np.random.Generator) -> list[Vectors]:
    """Set small bright rods and beads into the tissue and return where they are."""
    centres = []
    for _ in range(rng.integers(5, 20)):
        radius = max(specimen.extent * rng.uniform(*SPOT), 0.8 * frame.finest)
        radii = radius * np.array([rng.uniform(1, 3), 1, 1])
        lump = Lump(_spot_inside(frame, specimen, rng), radii, rotation(rng))
        _add_organ(grey, frame, specimen, lump, float(rng.uniform(1.5, 3.0)), rng)
        centres.append(lump.centre)
    return centres


def _spot_inside(frame: Frame, specimen: Placed, rng: np.random.Generator) -> Vectors:
    """Position of a random voxel of the specimen."""
    flat = np.flatnonzero(specimen.mask)
    index = np.array(np.unravel_index(rng.choice(flat), specimen.mask.shape)) + np.array(specimen.window.start)
    return frame.position(index)
