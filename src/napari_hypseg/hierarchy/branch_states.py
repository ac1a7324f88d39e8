"""What each branch of a tree looks like: whether all below it is one region, and whether it is selected."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.tree import Hierarchy

SAMPLES = 8
"""Leaves that stand for all below a branch."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class BranchStates:
    """Of n nodes.

    Parameters
    ----------
    uniform
        bool (n,): all leaves below are in one region or structure.
    selected
        bool (n,): all leaves below are selected.
    samples
        int32 (n, `SAMPLES`): leaves evenly spread over those below, in `leaf_order`.
    """

    uniform: Flags
    selected: Flags
    samples: npt.NDArray[np.int32]


def branch_states(
    tree: Hierarchy, nodes: npt.NDArray[np.integer], regions: npt.NDArray[np.integer], selected: Flags | None
) -> BranchStates:
    """States of `nodes` (n,).

    Parameters
    ----------
    tree, nodes
        The tree, and which of its nodes.
    regions
        Integers (K,): region or structure of each leaf.
    selected
        bool (K,), None where nothing is.
    """
    starts, stops = tree.ranges[nodes].T
    ordered = regions[tree.leaf_order]
    changes = np.concatenate([[0], np.cumsum(ordered[1:] != ordered[:-1])])
    chosen = np.zeros(tree.n_leaves, dtype=bool) if selected is None else selected
    counts = np.concatenate([[0], np.cumsum(chosen[tree.leaf_order])])
    return BranchStates(
        np.asarray(changes[stops - 1] == changes[starts]),
        np.asarray(counts[stops] - counts[starts] == stops - starts),
        tree.leaf_order[np.linspace(starts, stops - 1, SAMPLES, dtype=np.int64).T],
    )
