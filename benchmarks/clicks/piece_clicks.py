"""The simulated person who takes a region as a whole or only its piece at the place clicked, whichever helps more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.clicks.leaf_pieces import LeafPieces
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job, Progress

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PieceCounts:
    """Voxels of the structure in each piece (p,), and all voxels of each that count (p,)."""

    hits: Floats
    sizes: Floats

    def dice(self, chosen: Mask) -> float:
        """Of a selection (p,)."""
        size = self.sizes[chosen].sum()
        return float(2 * self.hits[chosen].sum() / max(size + self.hits.sum(), 1))


def dice_of_pieces(
    pieces: LeafPieces,
    trees: Sequence[Hierarchy],
    truth: Mask,
    counted: Mask,
    clicks: Sequence[int],
    trials: int,
) -> Job[dict[int, float]]:
    """Mean Dice with a structure after so many clicks; yields `Progress` of the stage ``"pieces"``.

    As in `dice_after_clicks`, each click is on a random voxel of what is still wrong, and of all nodes above it, in any
    tree, the one is added or taken away that helps most; here as a whole, or its connected piece at the voxel.

    Parameters
    ----------
    pieces, trees
        Of the leaves, and over them.
    truth, counted
        bool (z, y, x); the structure, and the voxels that count.
    clicks
        Numbers of clicks.
    trials
        Simulated persons; the mean over them is returned.
    """
    counts = PieceCounts(pieces.count(truth & counted).astype(np.float64), pieces.count(counted).astype(np.float64))
    curves = []
    for seed in range(trials):
        yield Progress("pieces", seed, trials)
        curves.append(_trial(pieces, counts, trees, max(clicks), np.random.default_rng(seed)))
    return {n: float(np.mean([curve[n - 1] for curve in curves])) for n in clicks}


def _trial(
    pieces: LeafPieces, counts: PieceCounts, trees: Sequence[Hierarchy], n_clicks: int, rng: np.random.Generator
) -> list[float]:
    """Dice after 1, 2, 3 … clicks."""
    selected = np.zeros(len(pieces.leaves), dtype=np.bool_)
    reached = [0.0]
    while len(reached) <= n_clicks:
        missed = np.where(selected, 0, counts.hits)
        wrong = np.where(selected, counts.sizes - counts.hits, 0)
        if not missed.any() and not wrong.any():
            return (reached + reached[-1:] * n_clicks)[1 : n_clicks + 1]
        adds = not selected.any() or rng.random() < missed.sum() / (missed.sum() + wrong.sum())
        where = missed if adds else wrong
        clicked = int(rng.choice(len(where), p=where / where.sum()))
        made = [
            selected | some if adds else selected & ~some for some in _offers(pieces, trees, selected, clicked, adds)
        ]
        best = max(made, key=counts.dice)
        if counts.dice(best) > reached[-1]:
            selected = best
        reached.append(counts.dice(selected))
    return reached[1:]


def _offers(pieces: LeafPieces, trees: Sequence[Hierarchy], selected: Mask, clicked: int, adds: bool) -> Iterator[Mask]:
    """Each node above a piece that is clicked, as a whole, and what hangs together with the piece in it.

    What is taken away hangs together in what is selected.
    """
    for tree in trees:
        node = int(pieces.leaves[clicked])
        piece = np.zeros(len(selected), dtype=np.bool_)
        piece[clicked] = True
        while True:
            inside = np.zeros(tree.n_leaves, dtype=np.bool_)
            inside[tree.leaves_of(node)] = True
            whole = inside[pieces.leaves]
            piece = pieces.grown(piece, whole if adds else whole & selected)
            yield whole
            yield piece
            if node == tree.root:
                break
            node = int(tree.parents[node])
