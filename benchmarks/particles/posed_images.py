"""Images of which content, rotation and shift are known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class PosedImages:
    """Images with what they were made from.

    Parameters
    ----------
    images
        float32 (n, y, x).
    content
        (n,); the conformation, or the number of a shape.
    angles
        (n,) in radians: θ of eq. 2 of Bepler et al.
    shifts
        (n, 2) in pixels: where the middle of the content lies, from the middle of the image.
    """

    images: npt.NDArray[np.float32]
    content: Floats
    angles: Floats
    shifts: Floats


def rotated_points(points: Floats, angles: Floats) -> Floats:
    """Where points (n, m, 2) of the content lie in images under rotations θ (n,): u R(θ)⁻¹, the inverse of eq. 2."""
    cos, sin = np.cos(angles), np.sin(angles)
    rotation = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)
    return np.asarray(points @ rotation.swapaxes(1, 2))


def standardised(images: Floats) -> npt.NDArray[np.float32]:
    """`images` with a mean of 0 and a standard deviation of 1 over all of them."""
    return np.asarray((images - images.mean()) / images.std(), dtype=np.float32)
