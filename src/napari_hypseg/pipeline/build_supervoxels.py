"""From latent points to supervoxels and all that is known of them, before any is grouped with others like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job
from napari_hypseg.supervoxels.features import BasinSums, SupervoxelFeatures, supervoxel_features
from napari_hypseg.supervoxels.merging import VOXELS, MergedSupervoxels, merge_supervoxels
from napari_hypseg.supervoxels.region_descriptors import region_descriptors
from napari_hypseg.supervoxels.relabelled_ids import relabelled_basins
from napari_hypseg.supervoxels.tiled_watershed import Basins, tiled_watershed
from napari_hypseg.supervoxels.workspace import Workspace

if TYPE_CHECKING:
    from napari_hypseg.inference.batches import Batch
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource


@dataclass(frozen=True, eq=False)
class EncodedBasins:
    """The watershed basins of each specimen, and the sums over the voxels of all of them."""

    basins: Sequence[Basins]
    sums: BasinSums


@dataclass(frozen=True, eq=False)
class BuiltSupervoxels:
    """What leaves are grouped from.

    Parameters
    ----------
    basins
        Of each specimen, in the order of the basin ids of the workspace.
    merged
        Which basins are which of the r supervoxels, and their adjacency graph.
    features
        Of the supervoxels.
    descriptors
        float32 (r, F); see `region_descriptors`.
    """

    basins: Sequence[Basins]
    merged: MergedSupervoxels
    features: SupervoxelFeatures
    descriptors: npt.NDArray[np.float32]


def build_supervoxels(
    fallback: "MemoryFallback[PointSource]",
    batches: "Sequence[Batch]",
    workspace: Workspace,
    wanted: int,
) -> Job[BuiltSupervoxels]:
    """Divide grey values into basins, encode them, merge them into supervoxels and describe these.

    Yields `Progress` of the stages of `encode_basins` and `merge_basins`.

    Parameters
    ----------
    fallback, batches
        The point sources and what to encode.
    workspace
        Where; its basins are what the supervoxels consist of.
    wanted
        Leaves that will be made, at most.
    """
    encoded = yield from encode_basins(fallback, batches, workspace)
    shared = len(fallback.sources) > 1
    return (yield from merge_basins(encoded, fallback, workspace, wanted, shared=shared))


def encode_basins(
    fallback: "MemoryFallback[PointSource]", batches: "Sequence[Batch]", workspace: Workspace
) -> Job[EncodedBasins]:
    """Divide grey values into basins and encode these; yields `Progress` of the stages ``"regions"``, ``"encode"``."""
    basins = yield from tiled_watershed(fallback, workspace)
    return EncodedBasins(basins, (yield from supervoxel_features(fallback, batches, workspace, basins)))


def merge_basins(
    encoded: EncodedBasins,
    fallback: "MemoryFallback[PointSource]",
    workspace: Workspace,
    wanted: int,
    voxels: int = VOXELS,
    shared: bool = False,
) -> Job[BuiltSupervoxels]:
    """Merge basins into supervoxels and describe these.

    Yields `Progress` of the stages ``"touch"``, ``"merge"`` and ``"describe"``.

    Parameters
    ----------
    encoded
        The basins.
    fallback
        The point sources.
    workspace
        Its basins are read.
    wanted
        Leaves that will be made, at most.
    voxels, shared
        Of a supervoxel, on average, and whether leaves are those of several specimens; see `merge_supervoxels`.
    """
    basins = encoded.basins
    features, merged = yield from merge_supervoxels(encoded.sums, fallback, workspace, basins, wanted, voxels, shared)
    ids = relabelled_basins(workspace.cells, basins, merged.numbers.written(workspace.log("supervoxels")))
    descriptors = yield from region_descriptors(fallback, ids, len(features))
    return BuiltSupervoxels(basins, merged, features, descriptors)
