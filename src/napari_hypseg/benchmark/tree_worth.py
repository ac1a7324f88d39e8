"""What a tree of regions over given points is worth to somebody who looks for known groups in it."""

import numpy as np
import torch
from torch import Tensor

from napari_hypseg.benchmark.labelled import Labelled
from napari_hypseg.encoding.prototypes import assigning_job, kmeans_job
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.hierarchy.build import building_hierarchy
from napari_hypseg.hierarchy.contingency import counting
from napari_hypseg.hierarchy.scores import best_node_dice
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.metric import metric_of

SAMPLE = 60_000
"""Points that the leaves are fitted to; the same for whatever is compared."""


def group_dice(points: Tensor, manifold: Manifold, labelled: Labelled, leaves: int, seed: int) -> Job[dict[str, float]]:
    """Best-node Dice of each group in the tree over `leaves` leaves, made as segmenting makes it.

    Parameters
    ----------
    points
        (z, y, x, d) on `manifold`, one for each voxel of the labelled volume, on the CPU.
    """
    flat = points.reshape(-1, points.shape[-1])
    generator = torch.Generator().manual_seed(seed)
    sample = flat[torch.randperm(len(flat), generator=generator)[:SAMPLE]]
    prototypes = (yield from kmeans_job(sample, leaves, manifold, generator)).points
    nearest, _ = yield from assigning_job(flat, prototypes, manifold, Progress("assign", 0, 1))
    sizes = torch.bincount(nearest, minlength=leaves).numpy()
    tree = yield from building_hierarchy(prototypes.numpy(), sizes, metric_of(manifold))
    ids = (nearest.numpy() + 1).astype(np.uint16).reshape(labelled.labels.shape)
    table = yield from counting(ids, labelled.labels, leaves)
    return {name: best_node_dice(table, tree, labels)[0] for name, labels in labelled.groups.items()}
