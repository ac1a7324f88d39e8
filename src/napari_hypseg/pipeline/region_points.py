"""What was learned about each region: the mean of its voxels' points, those counting little that lie on edges."""

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

    from napari_hypseg.encoding.stream import Encoder
    from napari_hypseg.pipeline.retreat import Retreat
    from napari_hypseg.pipeline.rooting import Rooted
    from napari_hypseg.pipeline.visiting import Batch
    from napari_hypseg.pipeline.workspace import Workspace
    from napari_hypseg.volumes.blocks import Block

Numbers: TypeAlias = npt.NDArray[np.int64]
LEAST = 1e-6
"""What a voxel on the strongest edge counts: a region that is all edge has a mean too."""


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions and sums over their voxels, of all specimens.

    Parameters
    ----------
    sums
        float32 (n, d); tangent vectors at the origin times their weights.
    weights
        float32 (n,).
    sizes
        int64 (n,); voxels.
    """

    sums: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    sizes: Numbers

    def __getitem__(self, rows: slice) -> "Regions":
        return Regions(self.sums[rows], self.weights[rows], self.sizes[rows])

    def __len__(self) -> int:
        return len(self.sizes)

    def tangents(self) -> npt.NDArray[np.float32]:
        """Mean tangent vectors (n, d); 0 for a region without voxels."""
        means = self.sums / np.maximum(self.weights, np.finfo(np.float32).tiny)[:, None]
        return means.astype(np.float32, copy=False)

    def joined(self, numbers: Numbers) -> "Regions":
        """The regions that these are parts of: the one `numbers` (n,) names for each, 0 … r−1."""
        n = int(numbers.max()) + 1
        sums = [np.bincount(numbers, weights=column, minlength=n) for column in self.sums.T]
        weights = np.bincount(numbers, weights=self.weights, minlength=n)
        sizes = np.zeros(n, dtype=np.int64)
        np.add.at(sizes, numbers, self.sizes)
        return Regions(np.stack(sums, axis=1).astype(np.float32), weights.astype(np.float32), sizes)

    def add(self, part: "Part", first: int) -> None:
        """Count the voxels of a block in; its specimen's first region is number `first`."""
        numbers = part.ids.astype(np.int64) + (first - 1)
        self.sums[numbers] += part.regions.sums
        self.weights[numbers] += part.regions.weights
        self.sizes[numbers] += part.regions.sizes


@dataclass(frozen=True, eq=False)
class Part:
    """Sums over the voxels of one block: `regions` with the ids (n,) that they have in their specimen."""

    ids: npt.NDArray[np.uint32]
    regions: Regions


def region_points(
    retreat: "Retreat", batches: Sequence["Batch"], workspace: "Workspace", rooted: Sequence["Rooted"]
) -> Job[Regions]:
    """Visit every voxel and sum up the points of each region; yields `Progress` of the stage ``"encode"``.

    Parameters
    ----------
    retreat, batches
        What to encode.
    workspace
        Its regions and edges are read.
    rooted
        The regions of each specimen.
    """
    firsts = np.cumsum([0, *(found.count for found in rooted)]).tolist()
    regions: Regions | None = None
    started = time.monotonic()

    def visit(encoder: "Encoder", blocks: Sequence["Block"]) -> Job[list[Part]]:
        yield progress
        parts = []
        for block, (points, _) in zip(blocks, encoder.encode(blocks), strict=True):
            yield progress
            here = batch.specimen, block.core.slices
            ids, edges = (np.asarray(kind[here[0]][here[1]]) for kind in (workspace.regions, workspace.edges))
            parts.append(_part(encoder.model.manifold.logmap0(points), ids, edges, rooted[batch.specimen].usual))
        return parts

    for done, batch in enumerate(batches):
        left = (time.monotonic() - started) / done * (len(batches) - done) if done else None
        progress = Progress("encode", done, len(batches), seconds_left=left)
        for pieces in (yield from retreat.work(batch.specimen, batch.blocks, visit)):
            for part in pieces:
                if regions is None:
                    regions = _nothing(firsts[-1], part.regions.sums.shape[1])
                regions.add(part, firsts[batch.specimen])
    return _nothing(0, 1) if regions is None else regions


def _nothing(n: int, dim: int) -> Regions:
    return Regions(np.zeros((n, dim), np.float32), np.zeros(n, np.float32), np.zeros(n, np.int64))


def _part(tangents: "Tensor", ids: npt.NDArray[np.uint32], edges: npt.NDArray[np.float16], usual: float) -> Part:
    """Sums of `tangents` (z, y, x, d) over the regions `ids` (z, y, x) with edges (z, y, x)."""
    counted = ids > 0
    different, inverse = np.unique(ids[counted], return_inverse=True)
    scale = max(usual, math.sqrt(np.finfo(np.float32).tiny))
    weights = np.maximum(np.exp(-edges[counted].astype(np.float64) / scale), LEAST)
    columns = tangents.cpu().numpy()[counted].T
    n = len(different)
    sums = [np.bincount(inverse, weights=weights * column, minlength=n) for column in columns]
    total = np.bincount(inverse, weights=weights, minlength=n)
    sizes = np.bincount(inverse, minlength=n)
    return Part(different, Regions(np.stack(sums, axis=1).astype(np.float32), total.astype(np.float32), sizes))
