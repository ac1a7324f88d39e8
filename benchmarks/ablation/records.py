"""What each variant reached, kept beside the page, so that it can be measured in pieces and gone on with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.reporting.record_store import RecordStore


@dataclass(frozen=True)
class StructureScore:
    """What was reached for one structure.

    Parameters
    ----------
    best_region, best_union
        Dice of the best single region of any tree, and of the best union of leaves.
    clicks
        Dice by number of simulated clicks, which is text as JSON wants it.
    """

    best_region: float
    best_union: float
    clicks: Mapping[str, float]


@dataclass(frozen=True)
class AblationRecord:
    """One specimen learned from once, and grouped in many ways.

    Parameters
    ----------
    volume, specimen
        Names of its case and of itself.
    method, budget, device, leaves, seed
        Of learning and of the tree.
    grid
        Voxels (z, y, x).
    variants
        What was reached for each structure, by the name of the variant and of the structure.
    command, machine
        What was typed and where, in words.
    """

    volume: str
    specimen: str
    method: str
    budget: str
    device: str
    leaves: int
    seed: int
    grid: Sequence[int]
    variants: Mapping[str, Mapping[str, StructureScore]]
    command: str = ""
    machine: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        way = (self.method, self.budget, self.device, self.leaves, self.seed)
        return (self.volume, self.specimen, *way, tuple(self.grid))


def _record(values: Mapping[str, Any]) -> AblationRecord:
    variants = {
        name: {structure: StructureScore(**score) for structure, score in reached.items()}
        for name, reached in values["variants"].items()
    }
    return AblationRecord(**{**values, "variants": variants})


ABLATION_STORE = RecordStore(_record)
