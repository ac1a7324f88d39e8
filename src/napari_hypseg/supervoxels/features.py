"""Features of supervoxels: the mean latent point of their voxels, in which voxels on an edge have a low weight.

Points vary little between neighbouring voxels, so that in large volumes the mean is one over samples.
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.local_ids import LocalIds
from napari_hypseg.volumes.box import Box

if TYPE_CHECKING:
    from napari_hypseg.inference.batches import Batch
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource
    from napari_hypseg.storage.record_log import RecordLog
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

    def __len__(self) -> int:
        return len(self.sizes)

    @classmethod
    def concatenated(cls, parts: "Sequence[SupervoxelFeatures]") -> "SupervoxelFeatures":
        """Regions of all `parts`, one after the other; a part without any is left out."""
        some = [part for part in parts if len(part)] or list(parts[:1])
        sums, weights, sizes = zip(*((part.sums, part.weights, part.sizes) for part in some), strict=True)
        return cls(np.concatenate(sums), np.concatenate(weights), np.concatenate(sizes))

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

    def add(self, part: "BlockSums", start: int = 0) -> None:
        """Add the sums of those regions of a block that are here; region `start` of its specimen is the first here."""
        first, last = np.searchsorted(part.ids, [start + 1, start + 1 + len(self)])
        numbers = part.ids[first:last].astype(np.int64) - (start + 1)
        self.sums[numbers] += part.features.sums[first:last]
        self.weights[numbers] += part.features.weights[first:last]
        self.sizes[numbers] += part.features.sizes[first:last]


@dataclass(frozen=True, eq=False)
class BlockSums:
    """Sums over the samples of one block: `features` of the regions with the ids (n,), ascending, in their specimen."""

    ids: npt.NDArray[np.uint32]
    features: SupervoxelFeatures


class BasinSums:
    """Sums over the voxels of the basins of all specimens, kept block by block as they were encoded.

    There may be too many basins for memory, but a basin lies in few blocks: the features of some of them are put
    together from the blocks around.

    Parameters
    ----------
    log
        Where the sums of each batch are, or will be.
    batches
        What is encoded.
    """

    def __init__(self, log: "RecordLog", batches: "Sequence[Batch]") -> None:
        self._log = log
        self._specimens = np.array([batch.specimen for batch in batches], dtype=np.int64)
        cores = [[block.core for block in batch.blocks] for batch in batches]
        shape = (len(batches), 3)
        self._starts = np.array([np.min([core.start for core in some], axis=0) for some in cores]).reshape(shape)
        self._stops = np.array([np.max([core.stop for core in some], axis=0) for some in cores]).reshape(shape)

    def __len__(self) -> int:
        """Batches whose sums are known."""
        return len(self._log)

    def append(self, parts: "Sequence[BlockSums]") -> None:
        """Add the sums of the next batch."""
        kinds = ((part.ids, part.features.sums, part.features.weights, part.features.sizes) for part in parts)
        self._log.append(*(column for columns in kinds for column in columns))

    def voxels(self) -> int:
        """How many voxels there are in all basins."""
        return sum(int(sizes.sum()) for number in range(len(self)) for sizes in self._log[number][3::4])

    def near(self, specimen: int, box: Box) -> "BasinSums":
        """Those of the batches of a specimen that overlap a box."""
        numbers = self._overlapping(specimen, box)
        part = BasinSums(self._log.chosen(numbers), ())
        part._specimens, part._starts, part._stops = (
            kind[numbers] for kind in (self._specimens, self._starts, self._stops)
        )
        return part

    def features(self, specimen: int, start: int, stop: int, near: Box) -> SupervoxelFeatures:
        """Features of basins `start` to `stop` − 1, from 0, of a specimen; all their voxels lie in `near`."""
        features: SupervoxelFeatures | None = None
        for number in self._overlapping(specimen, near):
            for part in self._parts(number):
                if features is None:
                    features = _zeros(stop - start, part.features.sums.shape[1])
                features.add(part, start)
        return _zeros(stop - start, 1) if features is None else features

    def _overlapping(self, specimen: int, box: Box) -> list[int]:
        """Batches of a specimen that overlap a box."""
        overlaps = (self._starts < box.stop).all(axis=1) & (self._stops > box.start).all(axis=1)
        numbers: list[int] = np.flatnonzero(overlaps & (self._specimens == specimen)).tolist()
        return numbers

    def _parts(self, number: int) -> Iterator["BlockSums"]:
        columns = self._log[number]
        for ids, sums, weights, sizes in zip(*(columns[kind::4] for kind in range(4)), strict=True):
            yield BlockSums(ids, SupervoxelFeatures(sums, weights, sizes))


def supervoxel_features(
    fallback: "MemoryFallback[PointSource]",
    batches: "Sequence[Batch]",
    workspace: "Workspace",
    basins: "Sequence[Basins]",
) -> Job[BasinSums]:
    """Encode samples of all blocks and sum the points of each basin; yields `Progress` of the stage ``"encode"``.

    Batches that are in the log of `workspace` already are not encoded again.

    Parameters
    ----------
    fallback, batches
        The point sources and what to encode.
    workspace
        Its basins, cells and edges are read.
    basins
        Of each specimen.
    """
    found = BasinSums(workspace.log("encoded"), batches)
    before, started = len(found), time.monotonic()
    plan = [(batch.specimen, block) for batch in batches for block in batch.blocks]
    ends = np.cumsum([len(batch.blocks) for batch in batches]).tolist()
    first = ends[before - 1] if before else 0
    held: list[BlockSums] = []
    done = first

    compute = partial(_block_sums, workspace, tuple(each.median_edge for each in basins))

    def take(_: int, parts: list[BlockSums]) -> None:
        nonlocal done
        held.extend(parts)
        done += 1
        if done == ends[len(found)]:
            found.append(held)
            held.clear()

    def progress(fresh: int) -> Progress:
        left = (time.monotonic() - started) / fresh * (len(plan) - first - fresh) if fresh else None
        return Progress("encode", first + fresh, len(plan), seconds_left=left)

    yield from fallback.map(plan[first:], compute, take, progress)
    return found


def _zeros(n: int, dim: int) -> SupervoxelFeatures:
    return SupervoxelFeatures(np.zeros((n, dim), np.float32), np.zeros(n, np.float32), np.zeros(n, np.int64))


def _block_sums(
    workspace: "Workspace", median_edges: Sequence[float], source: "PointSource", index: int, block: "Block"
) -> BlockSums:
    """Sums over the samples of a block of specimen number `index`, and the sizes of its basins.

    A function of plain data, which may run in any process that reaches the folder of `workspace`.
    """
    here = source.lattice.cells(block.core).slices
    cells, edges = (np.asarray(kind[index][here]) for kind in (workspace.cells, workspace.edges))
    valid = cells > 0
    ids, sizes = _sizes(np.asarray(workspace.basins[index][block.core.slices]))
    numbers = np.searchsorted(ids, cells[valid])
    scale = max(median_edges[index], math.sqrt(np.finfo(np.float32).tiny))
    weights = np.maximum(np.exp(-edges[valid].astype(np.float64) / scale), MIN_WEIGHT)
    columns = source.manifold.logmap0(source.sample(block)).cpu().numpy()[valid].T
    sums = [np.bincount(numbers, weights=weights * column, minlength=len(ids)) for column in columns]
    total = np.bincount(numbers, weights=weights, minlength=len(ids))
    features = SupervoxelFeatures(np.stack(sums, axis=1).astype(np.float32), total.astype(np.float32), sizes)
    return BlockSums(ids, features)


def _sizes(ids: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], Numbers]:
    """The ids above 0 in (z, y, x), ascending, and how many voxels have each."""
    here = LocalIds.of(ids)
    counts = here.counts()
    return here.distinct[1:].astype(np.uint32), counts[1:]
