"""What trees of real volumes are worth, kept beside the page, so that it can be measured in pieces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.reporting.record_store import RecordStore
from napari_hypseg.hierarchy.tree import PARTS


@dataclass(frozen=True)
class GroupRecord:
    """What was reached for one group; the scores are those of `hierarchy.scores.GroupScore`.

    The best of three is the highest Dice of a region when a tree is cut into three, by the tree's name.
    """

    level: int
    labels: Sequence[int]
    best_node_dice: float
    node: int
    leaf_union_dice: float
    clicks_to_85: int | None
    dice_after_clicks: Mapping[str, float] = field(default_factory=dict)
    tree: str = PARTS
    best_by_tree: Mapping[str, float] = field(default_factory=dict)
    best_of_three: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RealRecord:
    """One tree of one specimen.

    Parameters
    ----------
    volume, specimen
        Names of its case and of its folder.
    method, learns
        What made it, and whether by learning.
    budget, device
        Of learning, in words; empty where nothing is learned.
    leaves, seed
        Of the tree.
    voxels
        How many count.
    seconds
        From the first voxel read to the finished tree.
    groups
        By name.
    picture
        Name of the picture's file, None if there is none.
    command, machine
        What was typed and where, in words.
    """

    volume: str
    specimen: str
    method: str
    learns: bool
    budget: str
    device: str
    leaves: int
    seed: int
    voxels: int
    seconds: float
    groups: Mapping[str, GroupRecord]
    picture: str | None = None
    command: str = ""
    machine: str = ""

    @property
    def row(self) -> tuple[str, str, str, int]:
        """What records that are taken together in a table share, beside the volume."""
        return (self.method, self.budget, self.device, self.leaves)

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        return (self.volume, self.specimen, self.row, self.seed)


def _record(values: Mapping[str, Any]) -> RealRecord:
    groups = {name: GroupRecord(**group) for name, group in values["groups"].items()}
    return RealRecord(**{**values, "groups": groups})


REAL_STORE = RecordStore(_record)
