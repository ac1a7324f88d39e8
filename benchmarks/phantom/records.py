"""Measurements as they are kept beside the page, so that a page can be measured in pieces, on several machines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.reporting.record_store import add_kept, load_kept

NO_LEAVES = 0
"""Leaves of what has no tree."""


@dataclass(frozen=True)
class Record:
    """What one way of grouping one row's points reached, with one seed.

    Parameters
    ----------
    row, grouping
        What was measured.
    variant, part, edge, learned
        Which volumes were scored, of how many voxels along an edge, and how many others were learned from.
    seed
        Of learning and grouping.
    budget
        Of learning, in words; empty where nothing is learned.
    device, leaves
        What it was computed on, and how many leaves a tree had, `NO_LEAVES` without one.
    dice
        Matched Dice of each volume, by number of regions; keys are text, as JSON has them.
    learn_seconds, segment_seconds
        Of learning, and for a volume.
    command, machine
        What was typed and where, in words.
    """

    row: str
    grouping: str
    variant: str
    part: str
    edge: int
    learned: int
    seed: int
    budget: str
    device: str
    leaves: int
    dice: Mapping[str, Sequence[float]]
    learn_seconds: float
    segment_seconds: float
    command: str
    machine: str

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        return (*self.scene, self.row, self.grouping, self.seed, self.budget, self.device, self.leaves)

    @property
    def scene(self) -> tuple[object, ...]:
        """What records that stand in one table share."""
        return (self.variant, self.part, self.edge, self.learned)


def load_records(path: Path) -> list[Record]:
    """The records in a file, none if it is not there.

    Raises
    ------
    OutputError
        If it is there and cannot be read.
    """
    names = [field.name for field in fields(Record)]
    return load_kept(path, lambda one: Record(**{name: one[name] for name in names}))


def add_records(path: Path, new: Iterable[Record]) -> list[Record]:
    """Put records into a file, in place of older ones of the same; returns all that are in it now.

    Raises
    ------
    OutputError
        If the file cannot be read or written.
    """
    return add_kept(path, load_records(path), new)
