"""Ways from points to regions: nested cuts of one tree, or groups made anew for each number of them."""

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmarks.segmentation.regions import LEVEL_OF, Regions
from benchmarks.segmentation.tree_of_points import segmented
from napari_hypseg.clustering.kmeans import kmeans_labels
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

SAMPLE = 10_000
"""Points that a mixture is fitted to, and that are put in its groups at once."""
ROUNDS, ROUNDS_AT_ONCE = 100, 5
"""Of fitting it, at most."""

Grouping = Callable[[Tensor, Manifold, Specimen, int, int], Job[Regions]]
"""From points (z, y, x, d), their manifold, a specimen without a mask, a number of leaves and a seed to regions."""


def cuts_of_a_tree(
    name: str, points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int
) -> Job[Regions]:
    """Nested cuts of the product's tree called `name`; fewer regions than asked for where there are fewer leaves."""
    ids, trees = yield from segmented(points, manifold, specimen, leaves, seed)
    tree = trees[name]
    return {k: lookup(tree, cut_at(tree, min(k, tree.n_leaves)))[ids] for k in LEVEL_OF}


def means(points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int) -> Job[Regions]:
    """k-means for each number of regions, with the manifold's distances and means (Hsu et al. 2021)."""
    regions = {}
    for k in LEVEL_OF:
        generator = torch.Generator().manual_seed(seed)
        labels = yield from kmeans_labels(points.flatten(0, 2), k, manifold, generator)
        regions[k] = (labels.numpy() + 1).astype(np.uint16).reshape(points.shape[:3])
    return regions


def mixture(points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int) -> Job[Regions]:
    """A mixture of Gaussians with full covariances for each number of regions, of points in flat space."""
    flat = points.flatten(0, 2).double().numpy()
    sample = flat[np.random.default_rng(seed).permutation(len(flat))[:SAMPLE]]
    regions: dict[int, npt.NDArray[np.uint16]] = {}
    for k in LEVEL_OF:
        model = yield from _fitted(sample, k, seed)
        labels = []
        for start in range(0, len(flat), SAMPLE):
            yield Progress("assign", start, len(flat))
            labels.append(model.predict(flat[start : start + SAMPLE]))
        regions[k] = (np.concatenate(labels) + 1).astype(np.uint16).reshape(points.shape[:3])
    return regions


def _fitted(sample: npt.NDArray[np.float64], k: int, seed: int) -> "Job[GaussianMixture]":
    """A mixture of `k` Gaussians, fitted a few rounds at a time."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(k, reg_covar=1e-4, random_state=seed, max_iter=ROUNDS_AT_ONCE, warm_start=True)
    for done in range(0, ROUNDS, ROUNDS_AT_ONCE):
        yield Progress("cluster", done, ROUNDS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # said after every few rounds
            model.fit(sample)
        if model.converged_:
            break
    return model


GROUPINGS: Mapping[str, Grouping] = MappingProxyType(
    {
        "k-means": means,
        "mixture": mixture,
        "tree": partial(cuts_of_a_tree, PARTS),
        "tree of kinds": partial(cuts_of_a_tree, KINDS),
    }
)
