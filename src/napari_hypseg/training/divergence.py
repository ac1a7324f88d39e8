"""Detection of diverging training: return to the last good weights and lower the learning rate."""

import math
from collections import deque

WINDOW = 20
"""Steps of the running mean the loss is judged by."""
JUMP = 3.0
"""A running mean this many times its earlier spread above the best one counts as diverging."""


class DivergenceDetector:
    """Judges one loss value after the other."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._first: float | None = None
        self._best = math.inf

    def has_diverged(self, loss: float) -> bool:
        """Whether training has gone wrong: the loss is not finite, or it has climbed far above its best.

        "Far" is three times the whole progress made so far, and at least 3 nats.
        """
        if not math.isfinite(loss):
            return True
        self._recent.append(loss)
        if len(self._recent) < WINDOW:
            return False
        mean = sum(self._recent) / WINDOW
        self._first = mean if self._first is None else self._first
        self._best = min(self._best, mean)
        return mean - self._best > JUMP * max(1.0, self._first - self._best)

    def reset(self) -> None:
        """Start anew after a roll-back."""
        self._recent.clear()
