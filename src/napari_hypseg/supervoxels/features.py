"""Features of supervoxels: the mean latent point of their voxels, in which voxels on an edge have a low weight."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress

if TYPE_CHECKING:
    from torch import Tensor

    from napari_hypseg.inference.batches import Batch
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource
    from napari_hypseg.supervoxels.tiled_watershed import Basins
    from napari_hypseg.supervoxels.workspace import Workspace
    from napari_hypseg.volumes.blocks import Block

Numbers: TypeAlias = npt.NDArray[np.int64]
MIN_WEIGHT = 1e-6
"""Weight of a voxel on the strongest edge: a region that consists of edges only has a mean too."""


@dataclass(frozen=True, eq=False)
class SupervoxelFeatures:
    """Sums over the voxels of regions (basins or supervoxels) of all specimens.

    Parameters
    ----------
    sums
        float32 (n, d); weighted sums of tangent vectors at the origin.
    weights
        float32 (n,); sums of the weights.
    sizes
        int64 (n,); voxels.
    """

    sums: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    sizes: Numbers

    def __getitem__(self, rows: slice) -> "SupervoxelFeatures":
        return SupervoxelFeatures(self.sums[rows], self.weights[rows], self.sizes[rows])

    def __len__(self) -> int:
        return len(self.sizes)

    def mean_tangents(self) -> npt.NDArray[np.float32]:
        """Weighted mean tangent vectors (n, d); 0 for a region without voxels."""
        means = self.sums / np.maximum(self.weights, np.finfo(np.float32).tiny)[:, None]
        return means.astype(np.float32, copy=False)

    def merged(self, numbers: Numbers) -> "SupervoxelFeatures":
        """Features of merged regions: region i becomes a part of region ``numbers[i]``, 0 … r−1."""
        n = int(numbers.max()) + 1
        sums = [np.bincount(numbers, weights=column, minlength=n) for column in self.sums.T]
        weights = np.bincount(numbers, weights=self.weights, minlength=n)
        sizes = np.zeros(n, dtype=np.int64)
        np.add.at(sizes, numbers, self.sizes)
        return SupervoxelFeatures(np.stack(sums, axis=1).astype(np.float32), weights.astype(np.float32), sizes)

    def add(self, part: "BlockSums", first: int) -> None:
        """Add the sums of a block of a specimen whose first region is number `first`."""
        numbers = part.ids.astype(np.int64) + (first - 1)
        self.sums[numbers] += part.features.sums
        self.weights[numbers] += part.features.weights
        self.sizes[numbers] += part.features.sizes


@dataclass(frozen=True, eq=False)
class BlockSums:
    """Sums over the voxels of one block: `features` of the regions with the ids (n,) in their specimen."""

    ids: npt.NDArray[np.uint32]
    features: SupervoxelFeatures


def supervoxel_features(
    fallback: "MemoryFallback[PointSource]",
    batches: "Sequence[Batch]",
    workspace: "Workspace",
    basins: "Sequence[Basins]",
) -> Job[SupervoxelFeatures]:
    """Encode every voxel and sum the points of each basin; yields `Progress` of the stage ``"encode"``.

    Parameters
    ----------
    fallback, batches
        The point sources and what to encode.
    workspace
        Its basins and edges are read.
    basins
        Of each specimen.
    """
    firsts = np.cumsum([0, *(found.count for found in basins)]).tolist()
    features: SupervoxelFeatures | None = None
    started = time.monotonic()

    def encode(source: "PointSource", blocks: "Sequence[Block]") -> Job[list[BlockSums]]:
        yield progress
        parts = []
        for block, (points, _) in zip(blocks, source.encode(blocks), strict=True):
            yield progress
            here = batch.specimen, block.core.slices
            ids, edges = (np.asarray(kind[here[0]][here[1]]) for kind in (workspace.basins, workspace.edges))
            parts.append(_block_sums(source.manifold.logmap0(points), ids, edges, basins[batch.specimen].median_edge))
        return parts

    for done, batch in enumerate(batches):
        left = (time.monotonic() - started) / done * (len(batches) - done) if done else None
        progress = Progress("encode", done, len(batches), seconds_left=left)
        for parts in (yield from fallback.run(batch.specimen, batch.blocks, encode)):
            for part in parts:
                if features is None:
                    features = _zeros(firsts[-1], part.features.sums.shape[1])
                features.add(part, firsts[batch.specimen])
    return _zeros(0, 1) if features is None else features


def _zeros(n: int, dim: int) -> SupervoxelFeatures:
    return SupervoxelFeatures(np.zeros((n, dim), np.float32), np.zeros(n, np.float32), np.zeros(n, np.int64))


def _block_sums(
    tangents: "Tensor", ids: npt.NDArray[np.uint32], edges: npt.NDArray[np.float16], median_edge: float
) -> BlockSums:
    """Sums of `tangents` (z, y, x, d) over the regions `ids` (z, y, x), with edge strengths `edges` (z, y, x)."""
    valid = ids > 0
    distinct, inverse = np.unique(ids[valid], return_inverse=True)
    scale = max(median_edge, math.sqrt(np.finfo(np.float32).tiny))
    weights = np.maximum(np.exp(-edges[valid].astype(np.float64) / scale), MIN_WEIGHT)
    columns = tangents.cpu().numpy()[valid].T
    n = len(distinct)
    sums = [np.bincount(inverse, weights=weights * column, minlength=n) for column in columns]
    total = np.bincount(inverse, weights=weights, minlength=n)
    sizes = np.bincount(inverse, minlength=n)
    features = SupervoxelFeatures(np.stack(sums, axis=1).astype(np.float32), total.astype(np.float32), sizes)
    return BlockSums(distinct, features)
