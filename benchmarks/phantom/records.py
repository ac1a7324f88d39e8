"""Measurements as they are kept beside the page, so that a page can be measured in pieces, on several machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from benchmarks.reporting.record_store import RecordStore

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


def _record(values: Mapping[str, Any]) -> Record:
    return Record(**{field.name: values[field.name] for field in fields(Record)})


PHANTOM_STORE = RecordStore(_record)
