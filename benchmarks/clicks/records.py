"""What clicks reached, kept beside the page, so that it can be measured in pieces and gone on with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.reporting.record_store import RecordStore

Curve = Mapping[str, float]
"""Dice by number of clicks, which is text as JSON wants it."""


@dataclass(frozen=True)
class ClickedStructure:
    """What was reached for one structure.

    Parameters
    ----------
    labels
        That make it up.
    share
        Of the voxels that count.
    best_node, best_union
        Dice of the best single region of any tree, and of the best union of leaves.
    regions, dabs
        Dice after clicks on regions, and after dabs for a pixel classifier; the latter is empty if it was left out.
    ceiling
        Dice of a network that was told the labels of other volumes, None where there is none.
    auc_latent, auc_joined
        Area under the ROC curve of "more like this" by latent points alone, and with descriptors; None where too few
        leaves are in the structure.
    nodes
        Dice of the best single region of each tree, by the name of the tree.
    pieces
        Dice after clicks that may also take single pieces of regions; empty where that was not measured.
    """

    labels: Sequence[int]
    share: float
    best_node: float
    best_union: float
    regions: Curve
    dabs: Curve
    ceiling: float | None
    auc_latent: float | None
    auc_joined: float | None
    nodes: Mapping[str, float] = field(default_factory=dict)
    pieces: Curve = field(default_factory=dict)


@dataclass(frozen=True)
class LevelScore:
    """What was reached for the structures of one level, in the mean.

    Parameters
    ----------
    structures, occurring
        How many are large enough and taken, and how many there are.
    nodes
        Dice of the best single region of each tree, by the name of the tree.
    best_node, best_union
        Dice of the best single region of any tree, and of the best union of leaves.
    regions
        Dice after clicks on regions.
    """

    structures: int
    occurring: int
    nodes: Mapping[str, float]
    best_node: float
    best_union: float
    regions: Curve


@dataclass(frozen=True)
class ClickRecord:
    """One segmentation of one specimen, clicked in.

    Parameters
    ----------
    volume, specimen
        Names of its case and of itself.
    method, budget, device, leaves, seed
        Of learning and of the tree.
    grid
        Voxels (z, y, x).
    voxels
        How many count.
    trials
        Simulated persons.
    seconds
        Of learning and segmenting, without the clicks.
    structures
        By name.
    command, machine
        What was typed and where, in words.
    ceiling_budget
        How long the network of the ceiling learned, in words; empty where there is none.
    levels
        By the length of their paths; empty where `structures` are all there are.
    """

    volume: str
    specimen: str
    method: str
    budget: str
    device: str
    leaves: int
    seed: int
    grid: Sequence[int]
    voxels: int
    trials: int
    seconds: float
    structures: Mapping[str, ClickedStructure]
    command: str = ""
    machine: str = ""
    ceiling_budget: str = ""
    levels: Mapping[str, LevelScore] = field(default_factory=dict)

    @property
    def has_dabs(self) -> bool:
        """Whether a pixel classifier was tried for all structures."""
        return all(one.dabs for one in self.structures.values())

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        way = (self.method, self.budget, self.device, self.leaves, self.seed)
        return (self.volume, self.specimen, *way, tuple(self.grid))


def _record(values: Mapping[str, Any]) -> ClickRecord:
    structures = {name: ClickedStructure(**one) for name, one in values["structures"].items()}
    levels = {level: LevelScore(**one) for level, one in values.get("levels", {}).items()}
    return ClickRecord(**{**values, "structures": structures, "levels": levels})


CLICK_STORE = RecordStore(_record)
