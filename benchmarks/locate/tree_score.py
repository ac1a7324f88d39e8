"""What a tree of regions over given points is worth to somebody who looks for known groups in it."""

from torch import Tensor

from benchmarks.locate.annotated_phantoms import Labelled
from benchmarks.segmentation.tree_of_points import segmented
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.hierarchy.contingency import contingency_job
from napari_hypseg.hierarchy.scores import best_node_dice
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import Job
from napari_hypseg.volumes.specimen import Specimen


def group_dice(points: Tensor, manifold: Manifold, labelled: Labelled, leaves: int, seed: int) -> Job[dict[str, float]]:
    """Best-node Dice of each group in the tree of parts over `leaves` leaves, made as segmenting makes it.

    Parameters
    ----------
    points
        (z, y, x, d) on `manifold`, one for each voxel of the labelled volume, on the CPU.
    """
    ids, trees = yield from segmented(points, manifold, Specimen(labelled.volume), leaves, seed)
    tree = trees[PARTS]
    table = yield from contingency_job(ids, labelled.labels, tree.n_leaves)
    return {name: best_node_dice(table, tree, labels)[0] for name, labels in labelled.groups.items()}
