"""The most that can be reached for each class of a label volume, wherever the slider stands."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.cuts import fewest_regions_with
from napari_hypseg.hierarchy.scores import best_leaf_union, best_node_dice
from napari_hypseg.hierarchy.tree import Hierarchy


@dataclass(frozen=True, eq=False)
class ClassLimit:
    """What one class can reach.

    Parameters
    ----------
    node_dice
        The highest Dice of any single node.
    tree, node
        Name of the tree that node is in, and its number.
    n_regions
        The fewest regions of the slider among which it is one.
    union_dice
        The highest Dice of any set of leaves.
    union
        bool (K,): these leaves.
    """

    node_dice: float
    tree: str
    node: int
    n_regions: int
    union_dice: float
    union: npt.NDArray[np.bool_]


def class_limit(table: Contingency, trees: Mapping[str, Hierarchy], label: int) -> ClassLimit:
    """What a class of `table` can reach in all `trees`, of which there is one at least.

    Of equally good nodes that of the first tree counts.
    """
    best = {name: best_node_dice(table, tree, [label]) for name, tree in trees.items()}
    name = max(best, key=lambda one: best[one][0])
    dice, node = best[name]
    return ClassLimit(dice, name, node, fewest_regions_with(trees[name], node), *best_leaf_union(table, [label]))
