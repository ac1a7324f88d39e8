"""One run of the benchmark, kept beside the page, one a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.reporting.record_store import RecordStore


@dataclass(frozen=True)
class SpeedRecord:
    """What one size of volume took.

    Parameters
    ----------
    edge
        Voxels along each axis.
    seconds
        Of each stage, by its name.
    floors
        The least seconds of those stages of which that can be named.
    ratios
        Seconds of what a person would run instead over ours, or of a variant over the usual; by name.
    learning
        Voxels a second that a model learns from.
    device, command, machine
        Where and how it was measured, in words.
    """

    edge: int
    seconds: Mapping[str, float]
    floors: Mapping[str, float]
    ratios: Mapping[str, float]
    learning: float
    device: str = "cpu"
    command: str = ""
    machine: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        return self.edge, self.device, self.machine

    @property
    def voxels(self) -> int:
        """In the volume."""
        return self.edge**3

    @property
    def segmenting(self) -> float:
        """Voxels a second of everything after learning."""
        return self.voxels / sum(seconds for stage, seconds in self.seconds.items() if stage not in BESIDE)


BESIDE = frozenset({"export", "cut"})
"""Stages that are no part of segmenting."""


SPEED_STORE = RecordStore(lambda values: SpeedRecord(**values))


def fallen(measured: Sequence[SpeedRecord], before: SpeedRecord, share: float) -> list[str]:
    """A sentence for each ratio that is lower by more than `share` than `before` in every one of the records."""
    names = [
        name
        for name, ratio in before.ratios.items()
        if all(name in one.ratios and one.ratios[name] < (1 - share) * ratio for one in measured)
    ]
    return [f"{name}: {measured[-1].ratios[name]:.2f}, was {before.ratios[name]:.2f}" for name in names]
