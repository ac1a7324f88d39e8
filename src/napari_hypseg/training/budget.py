"""How much of a training budget is spent: steps, or seconds of work without the pauses."""

import time
from dataclasses import dataclass, field


@dataclass
class Budget:
    """A budget of steps where given, of minutes otherwise.

    Time counts only between `work` and `rest`, so that a pause costs nothing.
    """

    minutes: float
    steps: int | None
    step: int = 0
    _worked: float = 0.0
    _since: float | None = field(default=None, repr=False)

    def work(self) -> None:
        """Start, or go on after a rest."""
        self._since = time.monotonic()

    def rest(self) -> None:
        """Stop the clock."""
        self._worked, self._since = self.seconds, None

    @property
    def seconds(self) -> float:
        """Seconds worked so far."""
        return self._worked + (0.0 if self._since is None else time.monotonic() - self._since)

    @property
    def position(self) -> tuple[float, float]:
        """Where it stands and where it ends, in steps or in seconds."""
        return (self.step, self.steps) if self.steps is not None else (self.seconds, self.minutes * 60)

    @property
    def fraction(self) -> float:
        """Spent share in [0, 1]."""
        position, end = self.position
        return min(1.0, position / end)

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the seconds left, None before the first step."""
        if self.steps is None:
            return max(0.0, self.minutes * 60 - self.seconds)
        return self.seconds / self.step * (self.steps - self.step) if self.step else None
