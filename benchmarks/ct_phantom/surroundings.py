"""What a specimen of a CT phantom lies in: a capillary or agarose."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmarks.ct_phantom.frame import Array, Frame

Labels = npt.NDArray[np.uint8]
Medium = Literal["capillary", "agarose"]
AIR, SPECIMEN, MEDIUM, WALL, DISTRACTOR = range(5)


def surround(frame: Frame, specimen: npt.NDArray[np.bool_], medium: Medium, rng: np.random.Generator) -> Labels:
    """Label medium, wall, air and the specimen (a mask on the whole grid)."""
    if medium == "capillary":
        labels = _capillary(frame, specimen, rng)
    else:
        labels = (_filling, _edge, _cylinder)[rng.integers(3)](frame, specimen, rng)
    labels[specimen] = SPECIMEN
    return labels


def _radius(frame: Frame, specimen: npt.NDArray[np.bool_], rng: np.random.Generator) -> tuple[Array, float]:
    """Distance of every voxel from an axis near z that leans a little, and the largest one inside the specimen."""
    z, y, x = frame.axes()
    lean = rng.uniform(-0.05, 0.05, 2).astype(np.float32)
    index = np.argwhere(specimen[::2, ::2, ::2]).mean(axis=0) * 2
    towards = frame.position(index)[1:] * rng.uniform(0.4, 0.9, 2)
    across_y = y - np.float32(towards[0]) - lean[0] * z
    across_x = x - np.float32(towards[1]) - lean[1] * z
    radius = np.sqrt(np.square(across_y) + np.square(across_x))
    return radius, float(radius[specimen].max())


def _capillary(frame: Frame, specimen: npt.NDArray[np.bool_], rng: np.random.Generator) -> Labels:
    """A tube of liquid with a thin wall, air outside."""
    radius, reach = _radius(frame, specimen, rng)
    inner = reach + frame.scale * rng.uniform(0.02, 0.07)
    outer = inner + max(frame.scale * rng.uniform(0.012, 0.025), 2 * frame.finest)
    labels = np.full(frame.shape, AIR, dtype=np.uint8)
    labels[radius < outer] = WALL
    labels[radius < inner] = MEDIUM
    return labels


def _cylinder(frame: Frame, specimen: npt.NDArray[np.bool_], rng: np.random.Generator) -> Labels:
    """A cylinder of agarose in air, as it comes out of a syringe."""
    radius, reach = _radius(frame, specimen, rng)
    labels = np.full(frame.shape, AIR, dtype=np.uint8)
    labels[radius < reach + frame.scale * rng.uniform(0.03, 0.1)] = MEDIUM
    return labels


def _filling(frame: Frame, specimen: npt.NDArray[np.bool_], rng: np.random.Generator) -> Labels:
    """Agarose as far as one sees."""
    return np.full(frame.shape, MEDIUM, dtype=np.uint8)


def _edge(frame: Frame, specimen: npt.NDArray[np.bool_], rng: np.random.Generator) -> Labels:
    """Agarose with a surface, oblique and a little curved as a meniscus is, above or beside the specimen."""
    z, y, x = frame.axes()
    normal = rng.normal(0, 0.12, 3)
    normal[rng.choice(3, p=[0.6, 0.2, 0.2])] = rng.choice([-1, 1])
    up, across, along = (normal / np.linalg.norm(normal)).astype(np.float32)
    curve = np.float32(rng.uniform(0, 0.25) / frame.scale)
    height = up * z + across * y + along * x - curve * (np.square(y) + np.square(x)) * np.abs(up)
    surface = float(height[specimen].max()) + frame.scale * rng.uniform(0.03, 0.1)
    labels = np.full(frame.shape, MEDIUM, dtype=np.uint8)
    labels[height > surface] = AIR
    return labels
