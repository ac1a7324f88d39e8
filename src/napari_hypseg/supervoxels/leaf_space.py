"""The space in which a region of any specimen has a nearest leaf: learned with the leaves and kept with them.

Specimens differ in how they were made: thickness, dose, defocus, scanner. So features are standardised within each
specimen before they are compared with those of others, as batch effects are removed from cells (Tran et al. 2020), and
a specimen that took no part is mapped onto the leaves, as what differs is not the same for each tissue.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.descriptor_layout import RESPONSES
from napari_hypseg.supervoxels.factors import factor_axes, neighbourhood_features, standardised_within
from napari_hypseg.supervoxels.merged_descriptors import merged_descriptors

if TYPE_CHECKING:
    from napari_hypseg.supervoxels.merging import MergedSupervoxels

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SpaceWeights:
    """Standard deviations of what regions of several specimens are compared by.

    Local means of the grey values count most: latent points and their factors tell the leaves of one specimen apart,
    but differ more between specimens.

    Parameters
    ----------
    means, others
        Of the descriptors: local means, and deviations and gradients.
    points, factors
        Of the tangent vectors, and of their autocorrelation factors.
    """

    means: float = 1.0
    others: float = 0.2
    points: float = 0.4
    factors: float = 0.35


SPACE = SpaceWeights()
PRIOR_SUPERVOXELS = 4
"""Supervoxels of average distance that every leaf is credited with: the distances of a few say little."""


@dataclass(frozen=True, eq=False)
class LeafSpace:
    """Where the K leaves lie in features that are standardised within each specimen.

    Parameters
    ----------
    axes
        float32 (n, m); from features to coordinates.
    centroids
        float32 (K, m); mean coordinates of the voxels of each leaf.
    distances
        float32 (K,); how far a supervoxel of a leaf usually is from it, root mean square, above 0.
    """

    axes: Floats
    centroids: Floats
    distances: Floats

    def check(self, n_leaves: int) -> None:
        """Make sure that arrays read from a file belong together.

        Raises
        ------
        ValueError
            If they do not.
        """
        n_coordinates = self.axes.shape[1:]
        shapes = (self.centroids.shape, self.distances.shape) == ((n_leaves, *n_coordinates), (n_leaves,))
        every = (self.axes, self.centroids, self.distances)
        if self.axes.ndim != 2 or not shapes or any(values.dtype != np.float32 for values in every):
            raise ValueError(f"the space of leaves is not that of {n_leaves} leaves")
        if not all(np.isfinite(values).all() for values in every) or (self.distances <= 0).any():
            raise ValueError("the space of leaves holds impossible numbers")


@dataclass(frozen=True, eq=False)
class NearestLeaves:
    """What supervoxels are most like.

    Parameters
    ----------
    numbers
        int64 (r,); the nearest leaf of each, 0 … K−1.
    certainties
        float32 (r,) in (0, 1]: 1 where the leaf is as near as is usual for its own supervoxels, else how near it
        usually is, as a share of the distance.
    """

    numbers: Numbers
    certainties: Floats


def supervoxel_space(
    tangents: Floats, descriptors: Floats, sizes: Numbers, graph: "MergedSupervoxels", leaves: Numbers
) -> Job[LeafSpace]:
    """The space of leaves that supervoxels were grouped into; yields `Progress` of the stage ``"cluster"``.

    Its coordinates are local means of the grey values, the other descriptors, tangent vectors, and autocorrelation
    factors of these and of those around, by the weights of `SpaceWeights`.

    Parameters
    ----------
    tangents, descriptors, sizes
        float32 (r, d), float32 (r, F) and int64 (r,): of the supervoxels.
    graph
        Their specimens and adjacency graph.
    leaves
        int64 (r,); the leaf of each supervoxel, each of 0 … K−1 once at least.
    """
    values = yield from _standardised(tangents, descriptors, sizes, graph)
    dim, first = tangents.shape[1], values.shape[1] - descriptors.shape[1]
    is_mean = np.arange(descriptors.shape[1]) % RESPONSES == 0
    counts = is_mean.sum(), max(1, (~is_mean).sum())
    of_descriptors = np.where(is_mean, SPACE.means / np.sqrt(counts[0]), SPACE.others / np.sqrt(counts[1]))
    factors = yield from _factor_axes(values[:, :first], sizes, graph)
    axes = np.zeros((values.shape[1], dim + descriptors.shape[1] + factors.shape[1]), dtype=np.float32)
    axes[:dim, :dim] = np.eye(dim) * SPACE.points / np.sqrt(dim)
    axes[first:, dim : dim + descriptors.shape[1]] = np.diag(of_descriptors)
    axes[:first, dim + descriptors.shape[1] :] = SPACE.factors * factors
    return _located(axes, values @ axes, sizes, leaves)


def _factor_axes(around: Floats, sizes: Numbers, graph: "MergedSupervoxels") -> Job[npt.NDArray[np.float64]]:
    """Axes of autocorrelation factors; 0 where supervoxels have no neighbours, or nothing varies."""
    axes = yield from factor_axes(around, sizes, graph.edges, graph.areas)
    return axes if len(graph.edges) and around.any() else np.zeros_like(axes)  # else their scale is beyond all bounds


def nearest_leaves(
    space: LeafSpace,
    leaf_sizes: Numbers,
    tangents: Floats,
    descriptors: Floats,
    sizes: Numbers,
    graph: "MergedSupervoxels",
) -> Job[NearestLeaves]:
    """The leaf that each supervoxel of another specimen is nearest to; yields `Progress` of ``"cluster"``.

    It is nearest once the specimen is `mapped` onto the leaves; how certain that is, is said by the distance before:
    what is unlike all leaves would be mapped onto one, too.

    Parameters
    ----------
    space, leaf_sizes
        Of the leaves, and their voxels, int64 (K,).
    tangents, descriptors, sizes, graph
        As for `supervoxel_space`.
    """
    import torch  # whoever reads a project, the window too, does without

    from napari_hypseg.clustering.kmeans import nearest_centroid_job
    from napari_hypseg.clustering.symphony import mapped
    from napari_hypseg.geometry.manifolds.euclidean import Euclidean

    values = yield from _standardised(tangents, descriptors, sizes, graph)
    points = np.asarray(values @ space.axes, dtype=np.float32)
    at = yield from mapped(points, sizes, space.centroids, leaf_sizes + 1)  # a leaf of a project that was applied has
    found = torch.from_numpy(at), torch.from_numpy(space.centroids)  # perhaps no voxels of its volume
    nearest, _ = yield from nearest_centroid_job(*found, Euclidean(), Progress("cluster", 1, 1))
    numbers = nearest.numpy()
    distances = np.linalg.norm(points - space.centroids[numbers], axis=1)
    usual = space.distances[numbers]
    return NearestLeaves(numbers, np.asarray(usual / np.maximum(usual, distances), dtype=np.float32))


def _standardised(tangents: Floats, descriptors: Floats, sizes: Numbers, graph: "MergedSupervoxels") -> Job[Floats]:
    """Points, their neighbourhoods and descriptors (r, n), of mean 0 and deviation 1 in each specimen, or all 0."""
    around = yield from neighbourhood_features(tangents, graph.edges, graph.areas)
    values = np.concatenate([around, descriptors], axis=1, dtype=np.float32)
    return standardised_within(values, sizes, graph.specimens)


def _located(axes: Floats, coordinates: Floats, sizes: Numbers, leaves: Numbers) -> LeafSpace:
    """The leaves in a space, and how far their supervoxels usually are from them."""
    centroids = merged_descriptors(coordinates, sizes, leaves)
    squares = np.square(coordinates - centroids[leaves]).sum(axis=1, dtype=np.float64)
    members = np.bincount(leaves, minlength=len(centroids))
    shared = members[leaves] > 1  # one alone is its own centroid, which says nothing of others like it
    squares *= members[leaves] / np.maximum(1, members[leaves] - 1)  # they are near, as the centroid is made of them
    mean = float(np.mean(squares[shared])) if shared.any() else _between(centroids)
    sums = np.bincount(leaves, np.where(shared, squares, mean), len(centroids))
    usual = np.sqrt((sums + PRIOR_SUPERVOXELS * mean) / (members + PRIOR_SUPERVOXELS))
    return LeafSpace(axes, centroids, np.maximum(usual, np.finfo(np.float32).tiny).astype(np.float32))


def _between(centroids: Floats) -> float:
    """Mean square distance to the nearest other one: what is near where nothing is known of a leaf but its place."""
    if len(centroids) < 2:
        return 0.0
    distances, _ = cKDTree(centroids).query(centroids, k=2)
    return float(np.mean(np.square(distances[:, 1])))
