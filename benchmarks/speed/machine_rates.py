"""What the machine itself does in a second, so that a stage can be compared with the least it could take."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

REPEATS = 5
COPIED = 2**25
"""Numbers that are copied, 128 MB: more than a cache holds."""
EDGE = 1024
"""Of the matrices that are multiplied."""


@dataclass(frozen=True)
class MachineRates:
    """Bytes a second that a copy reads and writes, and operations a second of a matrix product in float32."""

    bytes: float
    flops: float

    @classmethod
    def measured(cls) -> "MachineRates":
        """Of this machine now, with as many cores as torch uses."""
        source, target = torch.zeros(COPIED), torch.zeros(COPIED)
        one = torch.rand(EDGE, EDGE)
        copying, multiplying = median_seconds(partial(target.copy_, source)), median_seconds(lambda: one @ one)
        return cls(2 * 4 * COPIED / copying, 2 * EDGE**3 / multiplying)


def median_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median of the seconds that `work` takes, once more than it is counted."""
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])
