"""What was measured of a prior, kept beside the page, so that it can be measured in pieces and gone on with."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.reporting.record_store import RecordStore


@dataclass(frozen=True)
class PriorRecord:
    """One way to label the volume.

    Parameters
    ----------
    variant, seed
        How, and of which random numbers.
    grid, prior_steps, steps
        Longest edge of the prior's grid in voxels, and steps of learning the prior and of explaining the volume.
    dice
        By structure.
    borders
        What the borders of the structures are like, by the names of `Borders`.
    seconds_prior, seconds_volume
        Of learning the prior, and of aligning and explaining the volume.
    command, machine
        What was typed and where, in words.
    """

    variant: str
    seed: int
    grid: int
    prior_steps: int
    steps: int
    dice: Mapping[str, float]
    borders: Mapping[str, float]
    seconds_prior: float
    seconds_volume: float
    command: str = ""
    machine: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        return (self.variant, self.grid, self.seed)


PRIOR_STORE = RecordStore(lambda values: PriorRecord(**values))
