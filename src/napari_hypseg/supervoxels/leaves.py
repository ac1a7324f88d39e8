"""Leaves: groups of supervoxels with similar features and similar neighbourhoods, wherever in the volume they lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.clustering.harmony import corrected, harmony
from napari_hypseg.clustering.kmeans import kmeans, nearest_centroid_job
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.geometry.metric import EUCLIDEAN, root_mean_square_distance
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.descriptor_components import descriptor_components
from napari_hypseg.supervoxels.factors import autocorrelation_factors, specimen_means, standardised_within
from napari_hypseg.supervoxels.feature_weights import WEIGHTS, FeatureWeights
from napari_hypseg.supervoxels.merged_descriptors import merged_descriptors
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.relabelled_ids import relabelled_basins
from napari_hypseg.supervoxels.workspace import CHUNK, Workspace, WritableArray, tiles
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource
    from napari_hypseg.supervoxels.features import SupervoxelFeatures
    from napari_hypseg.supervoxels.merging import MergedSupervoxels
    from napari_hypseg.supervoxels.tiled_watershed import Basins

Floats: TypeAlias = npt.NDArray[np.float32]
Numbers: TypeAlias = npt.NDArray[np.int64]
SAMPLE = 200_000
"""Supervoxels that leaves are fitted to, at most: enough for hundreds of leaves, small enough to hold."""
CORRECTION_SAMPLE = 50_000
"""Those that tell how specimens differ, at most."""
FLAT = Euclidean()


@dataclass(frozen=True, eq=False)
class Leaves:
    """Groups of supervoxels with similar features and similar neighbourhoods.

    Parameters
    ----------
    points
        float32 (k, d); centroids on the manifold.
    factors
        float32 (k, f), centroids of the factors of `autocorrelation_factors`; f is 0 where every supervoxel is a leaf:
        the context linkage then counts the neighbours of each.
    numbers
        int64 (r,); the leaf of each supervoxel, 0 … k−1.
    """

    points: torch.Tensor
    factors: npt.NDArray[np.float32]
    numbers: Numbers


def group_into_leaves(
    features: "SupervoxelFeatures",
    descriptors: npt.NDArray[np.float32],
    supervoxels: "MergedSupervoxels",
    wanted: int,
    manifold: Manifold,
    seed: int,
    weights: FeatureWeights = WEIGHTS,
    most: int = SAMPLE,
) -> Job[Leaves]:
    """Group supervoxels into at most `wanted` leaves, fewer if there are fewer distinct supervoxels.

    If there are more supervoxels than leaves, they are grouped by k-means of three things together: their mean tangent
    vectors; their autocorrelation factors, so that equally bright structures in different tissue become different
    leaves; and the principal components of their descriptors, so that structures of another texture do. Those of
    several specimens are standardised within each, and what differs between the specimens alone is taken away, see
    `harmony`, so that they share leaves.

    Parameters
    ----------
    features, supervoxels
        Features of the r supervoxels and their adjacency graph.
    descriptors
        float32 (r, F); see `region_descriptors`.
    wanted
        Leaves, at most.
    manifold
        Where the points lie.
    seed
        Of the sample that leaves are fitted to, where there is one, and of the initial centroids.
    weights
        Of factors and descriptors beside the points.
    most
        Supervoxels that leaves are fitted to, at most; of more, random ones by their voxels.
    """
    tangents = features.mean_tangents()
    if len(tangents) <= wanted:
        nothing = np.empty((len(tangents), 0), dtype=np.float32)
        return Leaves(manifold.expmap0(torch.from_numpy(tangents)), nothing, np.arange(len(tangents)))
    shared = bool(supervoxels.specimens.any())
    compared = standardised_within(tangents, features.sizes, supervoxels.specimens) if shared else tangents
    scale = root_mean_square_distance(compared, features.sizes, EUCLIDEAN) or 1.0
    factors = yield from _factors(compared, features.sizes, supervoxels, weights)
    components = _components(descriptors, features.sizes, supervoxels.specimens, weights)
    columns = [compared, weights.factors * scale * factors, weights.descriptors * scale * components]
    combined = np.concatenate(columns, axis=1).astype(np.float32)
    chosen, counts = _fitted_to(features.sizes, most, seed)
    if shared:
        combined = yield from _corrected(combined, features.sizes, supervoxels.specimens, seed)
    centroids, leaves = yield from _grouped(torch.from_numpy(combined), chosen, counts, wanted, seed)
    if shared:
        means, mean_factors = (merged_descriptors(part, features.sizes, leaves) for part in (tangents, factors))
        return Leaves(manifold.expmap0(torch.from_numpy(means)), mean_factors, leaves)
    means, mean_factors, _ = centroids.split([column.shape[1] for column in columns], dim=1)
    return Leaves(manifold.expmap0(means), mean_factors.numpy() / (weights.factors * scale or 1.0), leaves)


def _grouped(
    points: torch.Tensor, chosen: Numbers, counts: Numbers, wanted: int, seed: int
) -> Job[tuple[torch.Tensor, Numbers]]:
    """Centroids (k, f) and which of them each point is of (r,), fitted to the points `chosen`, which have `counts`."""
    sample = points[torch.from_numpy(chosen)]
    of_each = torch.from_numpy((counts / counts.mean()).astype(np.float32))
    generator = torch.Generator().manual_seed(seed)
    centroids = (yield from kmeans(sample, min(wanted, len(sample)), FLAT, generator, weights=of_each)).points
    nearest, _ = yield from nearest_centroid_job(points, centroids, FLAT, Progress("cluster", 1, 1))
    used, numbers = torch.unique(nearest, return_inverse=True)
    return centroids[used], numbers.numpy()


def _corrected(points: Floats, sizes: Numbers, specimens: Numbers, seed: int) -> Job[Floats]:
    """Points (r, f) without what differs between their specimens alone."""
    chosen, counts = _fitted_to(sizes, CORRECTION_SAMPLE, seed)
    n_specimens = int(specimens.max()) + 1
    corrections = yield from harmony(points[chosen], specimens[chosen], n_specimens, counts, seed)
    return (yield from corrected(points, specimens, corrections))


def _fitted_to(sizes: Numbers, most: int, seed: int) -> tuple[Numbers, Numbers]:
    """Supervoxels (n,) that leaves are fitted to, and how much each counts: all by voxels, or `most` drawn by these."""
    if len(sizes) <= most:
        return np.arange(len(sizes)), sizes
    drawn = np.random.default_rng(seed).choice(len(sizes), most, p=sizes / sizes.sum())
    return np.unique(drawn, return_counts=True)


def _factors(
    tangents: Floats, sizes: Numbers, supervoxels: "MergedSupervoxels", weights: FeatureWeights
) -> Job[Floats]:
    """Autocorrelation factors (r, f), where f is 0 if they do not count."""
    if not weights.factors:
        return np.empty((len(tangents), 0), dtype=np.float32)
    graph = supervoxels.edges, supervoxels.areas
    return (yield from autocorrelation_factors(tangents, sizes, supervoxels.specimens, *graph))


def _components(descriptors: Floats, sizes: Numbers, specimens: Numbers, weights: FeatureWeights) -> Floats:
    """Principal components of descriptors (r, F), those of several specimens standardised within each."""
    if specimens.any():
        centred = standardised_within(descriptors, sizes, specimens)
    else:
        centred = descriptors - specimen_means(descriptors, sizes, specimens)[specimens]
    return descriptor_components(centred, sizes, weights.components)


def supervoxel_sample(
    features: "SupervoxelFeatures", count: int, manifold: Manifold, seed: int
) -> npt.NDArray[np.float32]:
    """Latent points (`count`, d) of the supervoxels of random voxels: a chart of them shows how voxels are spread."""
    drawn = np.random.default_rng(seed).choice(len(features), count, p=features.sizes / features.sizes.sum())
    points = manifold.expmap0(torch.from_numpy(features.mean_tangents()[drawn]))
    return np.asarray(points.numpy(), dtype=np.float32)


def write_leaves(
    fallback: "MemoryFallback[SpecimenSource]", workspace: Workspace, basins: "Sequence[Basins]", leaves: RegionTable
) -> Job[None]:
    """Write the leaf of every voxel, that of its basin in `leaves`; yields `Progress` of ``"leaves"``."""
    regions = [source.specimen.region for source in fallback.sources]
    places = [(index, tile) for index, region in enumerate(regions) for tile in tiles(region, 2 * CHUNK)]
    found = relabelled_basins(workspace.basins, basins, leaves.written(workspace.log("leaves")))
    write = partial(_write_tile, found, workspace.leaves)
    yield from fallback.spread(places, write, lambda _: None, lambda done: Progress("leaves", done, len(places)))


def _write_tile(
    leaves: Sequence[LazyArray], arrays: Sequence[WritableArray], _: "SpecimenSource", index: int, tile: Box
) -> None:
    """Write a tile of whole chunks of specimen number `index`; a function of plain data."""
    arrays[index][tile.slices] = leaves[index][tile.slices].astype(np.uint16)
