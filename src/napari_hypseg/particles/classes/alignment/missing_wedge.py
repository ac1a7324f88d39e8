"""Which frequencies of a box a tilt series about the axis y has measured."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ON_PLANE = 1e-9
"""So that frequencies on the last tilt itself count as measured, whatever is rounded."""


def measured_frequencies(shape: Sequence[int], tilt_range: float) -> npt.NDArray[np.float32]:
    """Weights (z, y, x), 1 for frequencies that were measured and 0 for others, as `numpy.fft.fftn` orders them.

    Each tilt measures a plane through the axis y (the central slice theorem), so that a wedge about z is missing.

    Parameters
    ----------
    shape
        Of a box (z, y, x).
    tilt_range
        Degrees to either side about the axis y; 90 misses nothing.
    """
    if tilt_range >= 90:
        return np.ones(tuple(shape), dtype=np.float32)
    z, _, x = np.meshgrid(*(np.fft.fftfreq(edge) for edge in shape), indexing="ij", sparse=True)
    measured = np.abs(z) <= np.abs(x) * math.tan(math.radians(tilt_range)) + ON_PLANE
    return np.broadcast_to(measured, tuple(shape)).astype(np.float32)
