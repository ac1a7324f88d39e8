"""The minimum number of nodes whose union reaches a Dice: the clicks a person needs to select a structure."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.tree import Hierarchy

SUFFICIENT_DICE = Fraction(85, 100)
"""Dice at which human annotators agree on most structures."""

Gains = npt.NDArray[np.int64]


def min_nodes_for_dice(
    table: Contingency, hierarchy: Hierarchy, labels: Sequence[int], dice: Fraction = SUFFICIENT_DICE
) -> int | None:
    """The fewest nodes whose union reaches `dice` for the union of `labels`; None if no set of nodes does.

    Nodes that lie below one another are never needed together, so only antichains count. For an antichain with h
    voxels of the labels among its s voxels, and t voxels of the labels in all, 2h / (s + t) ≥ D says the same as
    Σ(2h − D·s) ≥ D·t, and the left side is a sum over its nodes. It is therefore enough to know the largest such sum
    for every number of nodes, which is exact in one pass up the tree: the best of a node's descendants for n is the
    node alone, or the best split of n between its two children. (Looking for the best Dice itself would take this
    pass once for every D that Dinkelbach's method tries.) With D a fraction, all of it is done in whole numbers.

    Raises
    ------
    ValueError
        If `dice` is not between 0 and 1.
    """
    if not 0 < dice <= 1:
        raise ValueError(f"dice {dice} is not in (0, 1]")
    hits, sizes, total = table.against(labels)
    weights = 2 * dice.denominator * hits - dice.numerator * sizes
    gains = _best_gains(hierarchy, weights)
    number = int(np.searchsorted(gains, dice.numerator * total))
    return number if number < len(gains) else None


def _best_gains(hierarchy: Hierarchy, weights: npt.NDArray[np.int64]) -> Gains:
    """int64 (n,): the largest sum of weights of at most 0, 1, 2 … disjoint nodes, up to where more add nothing.

    Parameters
    ----------
    weights
        int64 (K,); of the leaves.
    """
    nothing = np.zeros(1, dtype=np.int64)
    best = {leaf: _with_one(nothing, weight) for leaf, weight in enumerate(weights.tolist())}
    sums = weights.tolist()
    for node in range(hierarchy.n_leaves, hierarchy.root + 1):
        first, second = hierarchy.children[node].tolist()
        sums.append(sums[first] + sums[second])
        best[node] = _with_one(_combined(best.pop(first), best.pop(second)), sums[node])
    return best[hierarchy.root]


def _with_one(gains: Gains, weight: int) -> Gains:
    """`gains` where a single node of this weight may be taken instead."""
    if weight <= gains[min(1, len(gains) - 1)]:
        return gains
    better = np.maximum(gains[1:], weight) if len(gains) > 1 else np.array([weight])
    return _trimmed(np.concatenate([gains[:1], better]))


def _combined(first: Gains, second: Gains) -> Gains:
    """The best for each number of nodes, divided between two subtrees."""
    few, many = sorted((first, second), key=len)
    if len(few) == 1:
        return many
    best = np.zeros(len(few) + len(many) - 1, dtype=np.int64)
    for number, gain in enumerate(few.tolist()):
        here = best[number : number + len(many)]
        np.maximum(here, many + gain, out=here)
    return _trimmed(best)


def _trimmed(gains: Gains) -> Gains:
    """Without the tail in which more nodes add nothing."""
    return gains[: int(np.searchsorted(gains, gains[-1])) + 1]
