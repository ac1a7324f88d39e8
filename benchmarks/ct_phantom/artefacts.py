"""What a scanner adds to a CT phantom: uneven brightness, rings, streaks, blur and noise."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from benchmarks.ct_phantom.frame import Array, Frame, Vectors, slow_field

RAYS = 180  # angles of a streak pattern


def add_unevenness(data: Array, strength: float, rng: np.random.Generator) -> None:
    """Add cupping around the rotation axis and slow gradients; `strength` is about their s.d."""
    z, y, x = frame_axes(data.shape)
    bowl = np.square(y) + np.square(x) - np.float32(2 / 3)
    data += slow_field(data.shape, rng) * np.float32(strength * 0.7)
    data += bowl * np.float32(strength * rng.uniform(0.3, 1.0))
    slope = rng.normal(0, 0.5 * strength, 3).astype(np.float32)
    data += slope[0] * z + slope[1] * y + slope[2] * x


def frame_axes(shape: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """Positions along z, y and x from -1 to 1, shaped so that they broadcast."""
    z, y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in shape)
    return z[:, None, None], y[None, :, None], x[None, None, :]


def axis_distance(frame: Frame, rng: np.random.Generator) -> Array:
    """Distance (y, x) of a slice's voxels from the rotation axis, in voxels; the axis is near the middle."""
    _, y, x = frame.axes()
    oy, ox = rng.normal(0, 0.02 * frame.scale, 2).astype(np.float32)
    distance: Array = np.sqrt(np.square(y[0] - oy) + np.square(x[0] - ox)) / np.float32(min(frame.voxel_size[1:]))
    return distance


def add_rings(data: Array, distance: Array, strength: float, rng: np.random.Generator) -> None:
    """Add rings around the rotation axis: faint ones everywhere, a few strong, slowly changing along z."""
    count = int(distance.max()) + 3
    knots = max(2, data.shape[0] // 40 + 2)
    profile = rng.standard_normal((knots, count))
    strong = rng.random(count) < 0.04
    profile[:, strong] += rng.normal(0, 4, int(strong.sum()))
    where = np.linspace(0, knots - 1, data.shape[0])
    profile = ndimage.map_coordinates(
        profile.astype(np.float32), np.stack(np.meshgrid(where, np.arange(count), indexing="ij")), order=1
    )
    low = distance.astype(np.int32)
    share = distance - low
    for slice_, row in zip(data, profile, strict=True):
        slice_ += np.float32(strength) * (row[low] * (1 - share) + row[low + 1] * share)


def add_streaks(
    data: Array, frame: Frame, sources: Sequence[Vectors], strength: float, rng: np.random.Generator
) -> None:
    """Add rays in the plane of the slice around each source (a position), fading with distance."""
    z, y, x = frame.axes()
    for source in sources:
        thickness = frame.scale * rng.uniform(0.006, 0.015)
        near = np.abs(z[:, 0, 0] - source[0]) < 3 * thickness
        dy, dx = y[0] - np.float32(source[1]), x[0] - np.float32(source[2])
        rays = ndimage.gaussian_filter1d(rng.standard_normal(RAYS), 1.0, mode="wrap") * 1.9
        angle = np.arctan2(dy, dx) / np.pi * RAYS  # two turns of the table: a ray goes both ways
        pattern = np.interp(angle % RAYS, np.arange(RAYS), rays, period=RAYS)
        fade = 1 / (1 + np.hypot(dy, dx) / (0.12 * frame.scale))
        height = np.exp(-np.square((z[near] - source[0]) / thickness) / 2)
        data[near] += (strength * height * pattern * fade).astype(np.float32)


def blur_with_noise(data: Array, distance: Array, blur: npt.ArrayLike, noise: float, rng: np.random.Generator) -> Array:
    """Blur the volume and noise together, as a reconstruction filter does.

    Parameters
    ----------
    distance
        From the rotation axis (y, x): near it noise is a quarter stronger than at the border.
    blur
        s.d. (z, y, x) of the Gaussian in voxels.
    noise
        s.d. of the noise after the blur.
    """
    spread = np.sqrt(np.prod([np.square(_kernel(s)).sum() for s in np.broadcast_to(blur, 3)]))
    profile = (1.12 - 0.25 * distance / distance.max()) * noise / spread
    for slice_ in data:
        slice_ += rng.standard_normal(slice_.shape, dtype=np.float32) * profile
    blurred: Array = ndimage.gaussian_filter(data, blur, mode="nearest", truncate=3.0, output=np.float32)
    return blurred


def _kernel(sigma: float) -> npt.NDArray[np.float64]:
    """The filter's response to a point."""
    point = np.zeros(31)
    point[15] = 1
    kernel: npt.NDArray[np.float64] = ndimage.gaussian_filter1d(point, sigma, truncate=3.0)
    return kernel
