"""How well cuts, nodes and leaves agree with a label volume, all from one contingency table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.hierarchy.class_matching import match_classes
from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.cuts import Cut, cut_at, region_nodes
from napari_hypseg.hierarchy.min_nodes_for_dice import min_nodes_for_dice
from napari_hypseg.hierarchy.simulated_clicks import dice_after_clicks
from napari_hypseg.hierarchy.tree import Hierarchy


@dataclass(frozen=True)
class CutScore:
    """Agreement of one cut with the classes.

    Parameters
    ----------
    matched_dice
        Mean over the classes in [0, 1], background included.
    per_class
        Dice of each class with the region matched to it, 0 where none is left for it.
    """

    matched_dice: float
    per_class: Mapping[int, float]


@dataclass(frozen=True)
class GroupScore:
    """How well a group of classes can be selected.

    Parameters
    ----------
    best_node_dice
        The highest Dice of any single node of any tree: what one click can reach.
    node, tree
        That node, and the name of the tree it is one of.
    best_by_tree
        The highest Dice of a node of each tree, by the tree's name.
    leaf_union_dice
        The highest Dice of any set of leaves: what patience can reach.
    clicks_to_85
        The fewest nodes of one tree whose union has a Dice of 0.85, None if none has: what a usable result costs.
    dice_after_clicks
        Mean Dice after so many simulated clicks: what somebody gets who clicks where something is still wrong and may
        take nodes of any tree.
    """

    best_node_dice: float
    node: int
    tree: str
    best_by_tree: Mapping[str, float]
    leaf_union_dice: float
    clicks_to_85: int | None
    dice_after_clicks: Mapping[int, float]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: all keys are text."""
        return {**asdict(self), "dice_after_clicks": {str(n): dice for n, dice in self.dice_after_clicks.items()}}


@dataclass(frozen=True)
class ScoreReport:
    """Scores of the cuts of each tree by its name and the number of regions, and of groups by their name."""

    cuts: Mapping[str, Mapping[int, CutScore]]
    groups: Mapping[str, GroupScore]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: all keys are text."""
        groups = {name: score.as_dict() for name, score in self.groups.items()}
        cuts = {tree: {str(k): _cut_dict(score) for k, score in each.items()} for tree, each in self.cuts.items()}
        return {"cuts": cuts, "groups": groups}


def score_report(
    table: Contingency, hierarchies: Mapping[str, Hierarchy], cuts: Sequence[int], groups: Mapping[str, Sequence[int]]
) -> ScoreReport:
    """Score cuts, by their number of regions, and groups of labels, by name.

    Parameters
    ----------
    table
        Voxels of each label in each leaf.
    hierarchies
        The trees over the leaves, by name; groups may be found in any of them.

    Raises
    ------
    SettingError
        If a cut is out of range, or a group names a label that does not occur.
    ProjectError
        If the table was counted over another tree.
    """
    for tree in hierarchies.values():
        if table.n_leaves != tree.n_leaves:
            raise ProjectError(
                f"The leaf volume has {table.n_leaves} leaves but the tree has {tree.n_leaves}; segment again."
            )
    return ScoreReport(
        cuts={
            name: {k: matched_dice(table, tree, cut_at(tree, k)) for k in cuts} for name, tree in hierarchies.items()
        },
        groups={name: _group(table, hierarchies, labels, name) for name, labels in groups.items()},
    )


def matched_dice(table: Contingency, hierarchy: Hierarchy, cut: Cut) -> CutScore:
    """Dice of each class with its own region, matched so that the sum is the highest possible (Hungarian method).

    A voxel outside all leaves belongs to no region: it counts in the size of its class, so it is a miss.
    """
    ranges = hierarchy.ranges[region_nodes(hierarchy, cut)]
    return _matched(_differences(hierarchy, table.counts[1:], ranges), table)


def matched_leaves(table: Contingency) -> CutScore:
    """As `matched_dice`, of regions that come without a tree: they are the leaves of `table`."""
    return _matched(table.counts[1:], table)


def _matched(shared: npt.NDArray[np.int64], table: Contingency) -> CutScore:
    """Match regions by the voxels (regions, classes) they share with the classes of `table`."""
    reached = match_classes(shared, table.class_sizes).dice
    return CutScore(float(reached.mean()), dict(zip(table.classes.tolist(), reached.tolist(), strict=True)))


def best_node_dice(table: Contingency, hierarchy: Hierarchy, labels: Sequence[int]) -> tuple[float, int]:
    """The highest Dice any single node reaches for the union of `labels`, and that node, the lowest of equals."""
    hits, sizes, total = table.against(labels)
    shared, sums = _differences(hierarchy, np.stack([hits, sizes], axis=1), hierarchy.ranges).T
    dice = 2 * shared / (sums + total)
    return float(dice.max()), int(dice.argmax())


def best_leaf_union(table: Contingency, labels: Sequence[int]) -> tuple[float, npt.NDArray[np.bool_]]:
    """The highest Dice any union of leaves reaches for the union of `labels`, and these leaves, bool (K,).

    Let D be that highest Dice, 2·Σhits / (Σsizes + total). The best set then also maximises Σ(2·hits − D·sizes), as
    this is at most D·total for every set and equal to it for the best (Dinkelbach 1967). That sum is largest for the
    leaves with hits / sizes > D / 2: a prefix of the leaves in order of purity, so looking at all prefixes is enough.
    """
    hits, sizes, total = table.against(labels)
    (filled,) = np.nonzero(sizes > 0)
    purest_first = filled[np.argsort(-hits[filled] / sizes[filled], kind="stable")]
    dice = 2 * np.cumsum(hits[purest_first]) / (np.cumsum(sizes[purest_first]) + total)
    union = np.zeros(len(sizes), dtype=bool)
    if not dice.size:
        return 0.0, union
    union[purest_first[: int(dice.argmax()) + 1]] = True
    return float(dice.max()), union


def leaf_union_dice(table: Contingency, labels: Sequence[int]) -> float:
    """The highest Dice any union of leaves reaches for the union of `labels`."""
    return best_leaf_union(table, labels)[0]


def group_score(table: Contingency, hierarchies: Mapping[str, Hierarchy], labels: Sequence[int]) -> GroupScore:
    """How well the union of `labels`, all of which occur, can be selected in trees over the same leaves, by name."""
    best = {name: best_node_dice(table, tree, labels) for name, tree in hierarchies.items()}
    where = max(best, key=lambda name: best[name][0])
    fewest = [min_nodes_for_dice(table, tree, labels) for tree in hierarchies.values()]
    dice, node = best[where]
    return GroupScore(
        best_node_dice=dice,
        node=node,
        tree=where,
        best_by_tree={name: reached for name, (reached, _) in best.items()},
        leaf_union_dice=leaf_union_dice(table, labels),
        clicks_to_85=min((number for number in fewest if number is not None), default=None),
        dice_after_clicks=dice_after_clicks(table, tuple(hierarchies.values()), labels),
    )


def _group(table: Contingency, hierarchies: Mapping[str, Hierarchy], labels: Sequence[int], name: str) -> GroupScore:
    known = table.classes.tolist()
    missing = [label for label in labels if label not in known]
    if missing or not labels:
        shown = ", ".join(map(str, known[:12])) + (" …" if len(known) > 12 else "")
        lacks = f"names label {missing[0]}, which the truth does not hold" if missing else "names no label"
        raise SettingError(f"The group {name} {lacks}; choose from {shown}.")
    return group_score(table, hierarchies, labels)


def _differences(
    hierarchy: Hierarchy, per_leaf: npt.NDArray[np.int64], ranges: npt.NDArray[np.int32]
) -> npt.NDArray[np.int64]:
    """Sums of (K, n) values over the leaves of each range, (len(ranges), n)."""
    running = np.zeros((len(per_leaf) + 1, per_leaf.shape[1]), dtype=np.int64)
    np.cumsum(per_leaf[hierarchy.leaf_order], axis=0, out=running[1:])
    return running[ranges[:, 1]] - running[ranges[:, 0]]


def _cut_dict(score: CutScore) -> dict[str, Any]:
    per_class = {str(label): dice for label, dice in score.per_class.items()}
    return {"matched_dice": score.matched_dice, "per_class": per_class}
