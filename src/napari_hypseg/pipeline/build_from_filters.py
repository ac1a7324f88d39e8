"""From filters alone to leaves and their hierarchies: descriptors of watershed basins in place of latent points."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.hierarchy.trees import build_hierarchies
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.build_segmentation import BuiltSegmentation, group_supervoxels
from napari_hypseg.pipeline.build_supervoxels import BuiltSupervoxels
from napari_hypseg.supervoxels.descriptor_features import descriptor_features, region_sizes
from napari_hypseg.supervoxels.merged_descriptors import merged_descriptors
from napari_hypseg.supervoxels.merging import merge_regions
from napari_hypseg.supervoxels.region_descriptors import region_descriptors
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.relabelled_ids import relabelled_basins
from napari_hypseg.supervoxels.tiled_watershed import tiled_watershed
from napari_hypseg.supervoxels.workspace import Workspace

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource

SAMPLE = 10_000
"""Supervoxels that leaves are fitted to, at most: at once counts for more here than the last per cent."""


def build_from_filters(
    fallback: "MemoryFallback[SpecimenSource]",
    workspace: Workspace,
    wanted: int,
    seed: int,
    voxels: Sequence[npt.NDArray[np.int64]],
) -> Job[BuiltSegmentation]:
    """As `build_segmentation`, from the descriptors of the watershed basins in place of latent points.

    Nothing is learned and no voxel is encoded; the points of the leaves are flat. Yields what `build_segmentation`
    yields but for ``"encode"``.

    Parameters
    ----------
    fallback, workspace, wanted, seed
        As for `build_segmentation`.
    voxels
        How many voxels each of those of the workspace (z, y, x) stands for in the sizes of nodes.
    """
    supervoxels = yield from _described_basins(fallback, workspace, wanted)
    flat = Euclidean()
    features = yield from group_supervoxels(supervoxels, fallback, flat, workspace, wanted, seed, most=SAMPLE)
    features = replace(features, sizes=(yield from region_sizes(workspace.leaves, len(features.sizes), voxels)))
    metric = curvature_metric(flat.curvature)
    return BuiltSegmentation((yield from build_hierarchies(features, metric, len(fallback.sources))), features)


def _described_basins(
    fallback: "MemoryFallback[SpecimenSource]", workspace: Workspace, wanted: int
) -> Job[BuiltSupervoxels]:
    """Divide grey values into basins, describe these, and merge those that are described alike."""
    basins = yield from tiled_watershed(fallback, workspace)
    n_basins = sum(found.count for found in basins)
    ids = relabelled_basins(workspace.basins, basins, RegionTable.of(np.arange(n_basins)))
    descriptors = yield from region_descriptors(fallback, ids, n_basins)
    sizes = yield from region_sizes(ids, n_basins)
    features = descriptor_features(descriptors, sizes)
    features, merged = yield from merge_regions(features, fallback, workspace, basins, wanted)
    descriptors = merged_descriptors(descriptors, sizes, merged.numbers.rows(0, n_basins))
    return BuiltSupervoxels(basins, merged, features, descriptors)
