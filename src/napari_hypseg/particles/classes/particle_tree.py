"""The tree of particles: those of similar content merge first, and every cut of it is a set of classes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.clustering.kmeans import kmeans, nearest_centroid
from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.cuts import Cut, lookup
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job

MAX_LEAVES = 2048
"""More particles than this are first grouped into as many leaves."""
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ParticleTree:
    """A hierarchy over leaves of particles.

    Parameters
    ----------
    hierarchy
        Merge tree; sizes are numbers of particles.
    leaves
        int64 (n,): the leaf of each particle.
    """

    hierarchy: Hierarchy
    leaves: Labels

    def classes(self, cut: Cut) -> Labels:
        """int64 (n,): class of each particle in a cut, from 1; 0 where the cut holds none."""
        return lookup(self.hierarchy, cut)[1 + self.leaves].astype(np.int64)

    def order(self) -> Labels:
        """int64 (n,): particles in the order of the leaves, so that similar ones and classes stand together."""
        place = np.empty(self.hierarchy.n_leaves, dtype=np.int64)
        place[self.hierarchy.leaf_order] = np.arange(self.hierarchy.n_leaves)
        return np.argsort(place[self.leaves], kind="stable")


def particle_tree(points: npt.NDArray[np.float32], manifold: Manifold, seed: int = 0) -> Job[ParticleTree]:
    """Ward's tree over the content of particles; yields `Progress` of stages ``"cluster"`` and ``"tree"``.

    Parameters
    ----------
    points
        float32 (n, e); on `manifold`.
    manifold
        Where the content lies.
    seed
        Of the grouping into leaves, where there are more particles than `MAX_LEAVES`.
    """
    leaves, centres = np.arange(len(points)), points
    if len(points) > MAX_LEAVES:
        there = torch.from_numpy(points)
        found = yield from kmeans(there, MAX_LEAVES, manifold, torch.Generator().manual_seed(seed))
        leaves, centres = nearest_centroid(there, found.points, manifold).numpy(), found.points.numpy()
    sizes = np.bincount(leaves, minlength=len(centres))
    hierarchy = yield from build_hierarchy_job(centres, sizes, curvature_metric(manifold.curvature), "ward")
    return ParticleTree(hierarchy, leaves)
