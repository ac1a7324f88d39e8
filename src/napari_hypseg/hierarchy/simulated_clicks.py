"""A person simulated who selects a structure with clicks: what is reached after few of them, without a plan.

`min_nodes_for_dice` says how few clicks suffice for somebody who knows the tree; this says what somebody gets who does
not, and clicks wherever something is still wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.tree import Hierarchy

CLICKS = (1, 3, 5, 8)
"""Numbers of clicks after which the Dice is reported."""
TRIALS = 12
"""Simulated persons; the mean over them is reported."""

Floats = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]


def dice_after_clicks(
    table: Contingency,
    trees: Sequence[Hierarchy],
    labels: Sequence[int],
    clicks: Sequence[int] = CLICKS,
    trials: int = TRIALS,
) -> dict[int, float]:
    """Mean Dice with the union of `labels` after so many clicks.

    Each click is on a random voxel of what is still wrong in the leaves, missed or selected wrongly; of the nodes above
    that voxel, in any of the trees, the one that helps most is added or taken away. If none helps, nothing changes.
    The first click is on the structure. Trial n draws its voxels from seed n.

    Parameters
    ----------
    trees
        Over the leaves of `table`; all may be walked.
    clicks
        Numbers of clicks.
    """
    counts = _Counts.of(table, labels)
    curves = np.array([_trial(counts, trees, max(clicks), seed)[0] for seed in range(trials)])
    return {n: float(curves[:, n - 1].mean()) for n in clicks}


def selected_by_clicks(
    table: Contingency, trees: Sequence[Hierarchy], labels: Sequence[int], clicks: int, trials: int = TRIALS
) -> npt.NDArray[np.bool_]:
    """The leaves that each simulated person has selected after so many clicks, bool (trials, K).

    Parameters are those of `dice_after_clicks`.
    """
    counts = _Counts.of(table, labels)
    return np.array([_trial(counts, trees, clicks, seed)[1] for seed in range(trials)])


@dataclass(frozen=True, eq=False)
class _Counts:
    """Voxels of the structure in each leaf (K,), all voxels of each leaf (K,), and all voxels of the structure."""

    hits: Floats
    sizes: Floats
    total: float

    @classmethod
    def of(cls, table: Contingency, labels: Sequence[int]) -> "_Counts":
        """Those of the union of `labels`."""
        hits, sizes, total = table.against(labels)
        return cls(hits.astype(np.float64), sizes.astype(np.float64), float(total))

    def dice(self, hits: Floats, sizes: Floats) -> Floats:
        """Dice of selections with so many voxels of the structure among so many voxels, 0 for an empty one."""
        return np.asarray(np.where(sizes > 0, 2 * hits / np.maximum(sizes + self.total, 1), 0.0))


def _trial(counts: _Counts, trees: Sequence[Hierarchy], n_clicks: int, seed: int) -> tuple[list[float], Chosen]:
    """Dice after 1, 2, 3 … clicks, and what is selected after the last."""
    rng = np.random.default_rng(seed)
    selected = np.zeros(len(counts.hits), dtype=np.bool_)
    reached = [0.0]
    while len(reached) <= n_clicks:
        missed = np.where(selected, 0, counts.hits)
        wrong = np.where(selected, counts.sizes - counts.hits, 0)
        if not missed.any() and not wrong.any():
            return (reached + reached[-1:] * n_clicks)[1 : n_clicks + 1], selected
        adds = not selected.any() or rng.random() < missed.sum() / (missed.sum() + wrong.sum())
        where = missed if adds else wrong
        leaf = int(rng.choice(len(where), p=where / where.sum()))
        best = max((_best_ancestor(counts, tree, selected, leaf, adds) for tree in trees), key=lambda found: found[0])
        if best[0] > reached[-1]:
            reached.append(best[0])
            selected[best[1]] = adds
        else:
            reached.append(reached[-1])
    return reached[1:], selected


def _best_ancestor(
    counts: _Counts, tree: Hierarchy, selected: Chosen, leaf: int, adds: bool
) -> tuple[float, npt.NDArray[np.int32]]:
    """The highest Dice when a node above `leaf`, or the leaf, is added or taken away, and the leaves of that node."""
    path = [leaf]
    while path[-1] != tree.root:
        path.append(int(tree.parents[path[-1]]))
    changing = ~selected if adds else selected
    sign = 1 if adds else -1
    hits, sizes = (
        values[selected].sum() + sign * _sums_of_nodes(np.where(changing, values, 0), tree, path)
        for values in (counts.hits, counts.sizes)
    )
    dice = counts.dice(hits, sizes)
    best = int(dice.argmax())
    return float(dice[best]), tree.leaves_of(path[best])


def _sums_of_nodes(values: Floats, tree: Hierarchy, nodes: Sequence[int]) -> Floats:
    """Sum (n,) over the leaves of each node of values (K,)."""
    sums = np.concatenate([[0.0], np.cumsum(values[tree.leaf_order])])
    start, stop = tree.ranges[list(nodes)].T
    return np.asarray(sums[stop] - sums[start])
