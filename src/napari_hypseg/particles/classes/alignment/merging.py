"""A tree over references: those merge first whose boxes lose least when the other reference has to explain them."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.tree import Hierarchy

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


def merge_references(gains: Floats, leaves: Integers) -> Hierarchy:
    """Merge K references up to one.

    Two groups merge at the loss of the boxes of one of them, whichever loses less, if the best reference of the other
    has to explain each. So groups of few boxes merge early, as in Ward's tree.

    Parameters
    ----------
    gains
        float32 (n, K): how well each box is explained by each reference.
    leaves
        int64 (n,): the reference of each box.
    """
    n_leaves = gains.shape[1]
    scores = {number: gains[:, number].astype(np.float64) for number in range(n_leaves)}
    members = {number: leaves == number for number in range(n_leaves)}
    parents = np.full(2 * n_leaves - 1, 2 * n_leaves - 2, dtype=np.int32)
    altitudes = np.zeros(2 * n_leaves - 1, dtype=np.float32)
    sizes = np.concatenate([np.bincount(leaves, minlength=n_leaves), np.zeros(n_leaves - 1, dtype=np.int64)])
    for node in range(n_leaves, 2 * n_leaves - 1):
        loss, one, other = min(
            (_loss(scores, members, one, other), one, other) for one in scores for other in scores if one < other
        )
        parents[[one, other]] = node
        altitudes[node] = max(loss, altitudes[node - 1])
        sizes[node] = sizes[one] + sizes[other]
        scores[node] = np.maximum(scores.pop(one), scores.pop(other))
        members[node] = members.pop(one) | members.pop(other)
    return Hierarchy(parents, altitudes, sizes, np.zeros((n_leaves, 1), dtype=np.float32))


def _loss(
    scores: dict[int, npt.NDArray[np.float64]], members: dict[int, npt.NDArray[np.bool_]], one: int, other: int
) -> float:
    loses = scores[one] - scores[other]
    return max(0.0, min(float(loses[members[one]].sum()), float(-loses[members[other]].sum())))
