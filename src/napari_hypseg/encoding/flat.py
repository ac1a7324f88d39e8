"""Flat clusters: a volume's points grouped anew for each number of groups, as was published before there were trees."""

import torch
from torch import Tensor

from napari_hypseg.encoding.prototypes import assigning_job, kmeans_job
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.jobs import Job, Progress


def flat_labels(points: Tensor, k: int, manifold: Manifold, generator: torch.Generator) -> Job[Tensor]:
    """Labels int64 (n,) in 0 … k−1 by k-means with the manifold's distance and Fréchet means (Hsu et al. 2021).

    Labels of two numbers of groups are not nested. Yields `Progress` of the stage ``"cluster"``.

    Parameters
    ----------
    points
        (n, d), all voxels of one volume.
    k
        Number of groups.
    manifold
        Where the points lie.
    generator
        Source of the start.

    Raises
    ------
    SettingError
        If there are fewer points than groups.
    """
    prototypes = yield from kmeans_job(points, k, manifold, generator)
    labels, _ = yield from assigning_job(points, prototypes.points, manifold, Progress("cluster", 1, 1))
    return labels
