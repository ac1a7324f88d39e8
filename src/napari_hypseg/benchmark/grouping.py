"""Ways from points to regions: nested cuts of one tree, or groups made anew for each number of them."""

import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.benchmark.regions import LEVEL_OF, Regions
from napari_hypseg.benchmark.segmenting import segmented
from napari_hypseg.encoding.flat import flat_labels
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.specimen import Specimen

SAMPLE = 20_000
"""Points that a mixture is fitted to."""

Grouping = Callable[[Tensor, Manifold, Specimen, int, int], Job[Regions]]
"""From points (z, y, x, d), their manifold, a specimen without a mask, a number of leaves and a seed to regions."""


def cuts_of_a_tree(points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int) -> Job[Regions]:
    """Nested cuts of the product's tree."""
    ids, tree = yield from segmented(points, manifold, specimen, leaves, seed)
    return {k: lookup(tree, cut_at(tree, k))[ids] for k in LEVEL_OF}


def means(points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int) -> Job[Regions]:
    """k-means for each number of regions, with the manifold's distances and means (Hsu et al. 2021)."""
    regions = {}
    for k in LEVEL_OF:
        generator = torch.Generator().manual_seed(seed)
        labels = yield from flat_labels(points.flatten(0, 2), k, manifold, generator)
        regions[k] = (labels.numpy() + 1).astype(np.uint16).reshape(points.shape[:3])
    return regions


def mixture(points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int) -> Job[Regions]:
    """A mixture of Gaussians with full covariances for each number of regions, of points in flat space."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    flat = points.flatten(0, 2).double().numpy()
    sample = np.random.default_rng(seed).permutation(len(flat))[:SAMPLE]
    regions: dict[int, npt.NDArray[np.uint16]] = {}
    for k in LEVEL_OF:
        yield Progress("cluster", len(regions), len(LEVEL_OF))
        model = GaussianMixture(k, reg_covar=1e-4, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # what it has after 100 rounds is good enough
            model.fit(flat[sample])
        regions[k] = (model.predict(flat) + 1).astype(np.uint16).reshape(points.shape[:3])
    return regions


GROUPINGS: Mapping[str, Grouping] = MappingProxyType({"k-means": means, "mixture": mixture, "tree": cuts_of_a_tree})
