"""Least, greatest and mean value and spread of a map, gathered while it is written: the header wants them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

UNKNOWN = (0.0, -1.0, -2.0, -1.0)
"""Greatest below least, mean below both, negative spread: MRC2014's way to say that there are no statistics."""


@dataclass
class Statistics:
    """Of all finite voxels seen so far; spreads are joined by Chan, Golub and LeVeque's rule, which does not cancel."""

    count: int = 0
    low: float = np.inf
    high: float = -np.inf
    mean: float = 0.0
    squares: float = 0.0

    def add(self, slab: npt.NDArray[Any]) -> None:
        """Take in more voxels, of any shape."""
        values = slab[np.isfinite(slab)] if slab.dtype.kind == "f" else slab
        if not values.size:
            return
        mean = float(values.mean(dtype=np.float64))
        squares = float(values.var(dtype=np.float64)) * values.size
        shift, total = mean - self.mean, self.count + values.size
        self.squares += squares + shift**2 * self.count * values.size / total
        self.mean += shift * values.size / total
        self.count = total
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

    def fields(self) -> tuple[float, float, float, float]:
        """DMIN, DMAX, DMEAN and RMS of an MRC header."""
        if not self.count:
            return UNKNOWN
        return self.low, self.high, self.mean, (self.squares / self.count) ** 0.5
