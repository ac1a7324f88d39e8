"""Correlation of what was inferred with what is true."""

import numpy as np

from benchmarks.particles.posed_images import Floats


def pearson(first: Floats, second: Floats) -> float:
    """Absolute value of Pearson's correlation of two samples (n,); 0 if one is constant."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(abs(np.corrcoef(first, second)[0, 1]))


def circular(first: Floats, second: Floats) -> float:
    """Absolute value of the circular correlation of two samples (n,) of angles in radians; 0 if one is constant.

    Σ sin(a − ā) sin(b − b̄) / √(Σ sin²(a − ā) Σ sin²(b − b̄)) (Jammalamadaka and Sengupta 2001, section 8.2). Angles
    that are uniform have no mean direction; as the authors propose for that case, the numerator is half the difference
    of the resultants of a − b and a + b, which is its value for the best directions.
    """
    numerator = 0.5 * (_resultant(first - second) - _resultant(first + second))
    spread = _spread(first) * _spread(second)
    return float(abs(numerator) / np.sqrt(spread)) if spread > 1e-12 else 0.0


def _resultant(angles: Floats) -> float:
    return float(abs(np.exp(1j * angles).mean()))


def _spread(angles: Floats) -> float:
    """Mean of the squared sine of the distance from the mean direction."""
    return float((np.sin(angles - np.angle(np.exp(1j * angles).mean())) ** 2).mean())
