"""What was measured of a prior, kept beside the page, so that it can be measured in pieces and gone on with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reporting.record_store import add_kept, load_kept


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
    seconds_prior: float
    seconds_volume: float
    command: str = ""
    machine: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        return (self.variant, self.grid, self.seed)


def load_records(path: Path) -> list[PriorRecord]:
    """The records in a file, none if it is not there.

    Raises
    ------
    OutputError
        If it is there and cannot be read.
    """
    return load_kept(path, lambda values: PriorRecord(**values))


def add_records(path: Path, new: Iterable[PriorRecord]) -> list[PriorRecord]:
    """Put records into a file, in place of older ones of the same; returns all that are in it now.

    Raises
    ------
    OutputError
        If the file cannot be read or written.
    """
    return add_kept(path, load_records(path), new)
