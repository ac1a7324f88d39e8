"""Leaves that lie in one class each, voxel by voxel, where a model knows classes beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Job, Progress

if TYPE_CHECKING:
    from napari_hypseg.inference.batches import Batch
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource
    from napari_hypseg.supervoxels.workspace import Workspace
    from napari_hypseg.volumes.blocks import Block
    from napari_hypseg.volumes.box import Box

Numbers = npt.NDArray[np.int64]
MOST = 2**16 - 1
"""Leaves that their ids can tell apart."""


@dataclass(frozen=True, eq=False)
class DividedLeaves:
    """What became of leaves that were divided by class.

    Parameters
    ----------
    points
        float32 (k, d), on the sphere; roots of the mean probabilities of the classes, whose largest is that of the
        class of each.
    sizes
        int64 (k,); voxels of each.
    origins
        int64 (k,); the leaf that each is a part of.
    """

    points: torch.Tensor
    sizes: Numbers
    origins: Numbers


def divide_by_class(
    fallback: "MemoryFallback[PointSource]", batches: "Sequence[Batch]", workspace: "Workspace"
) -> Job[DividedLeaves]:
    """Divide the leaves of a workspace by the most probable class of each voxel, and write the parts in their place.

    Supervoxels follow the edges in the grey values, and what a prior knows of shapes is finer than they are. Yields
    `Progress` of ``"leaves"``.

    Parameters
    ----------
    fallback, batches
        The point sources, whose squared coordinates are probabilities, and what to encode.
    workspace
        Its leaves are replaced.

    Raises
    ------
    SettingError
        If there would be more than `MOST` leaves.
    """
    parts = _Parts()
    for done, batch in enumerate(batches):
        leaves = workspace.leaves[batch.specimen]
        # Written only when the whole batch is computed: where memory is short, it is computed again.
        for piece in (yield from fallback.run(batch.specimen, batch.blocks, _probabilities)):
            for core, probabilities in piece:
                ids = np.asarray(leaves[core.slices]).astype(np.int64)
                leaves[core.slices] = parts.take(ids, probabilities).astype(np.uint16)
        yield Progress("leaves", done + 1, len(batches))
    return parts.divided()


def _probabilities(
    source: "PointSource", blocks: "Sequence[Block]"
) -> Job[list[tuple["Box", npt.NDArray[np.float32]]]]:
    """The core of each block, and the probabilities (z, y, x, classes) there."""
    yield Progress("leaves", 0)
    encoded = source.encode(blocks)
    return [(block.core, points.square().cpu().numpy()) for block, (points, _) in zip(blocks, encoded, strict=True)]


class _Parts:
    """The parts met so far, numbered as they were met."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}
        self._sizes: list[int] = []
        self._sums: list[npt.NDArray[np.float64]] = []

    def take(self, ids: Numbers, probabilities: npt.NDArray[np.float32]) -> Numbers:
        """The part (z, y, x), from 1, of each voxel of leaves `ids` (z, y, x), from 1; 0 stays 0."""
        parts = np.zeros_like(ids)
        inside = ids > 0
        if not inside.any():
            return parts
        values = probabilities[inside]
        n_classes = values.shape[1]
        keys, inverse = np.unique((ids[inside] - 1) * n_classes + values.argmax(axis=1), return_inverse=True)
        counts = np.bincount(inverse)
        sums = np.stack([np.bincount(inverse, weights=column) for column in values.T], axis=1)
        table = np.array([self._number(*divmod(key, n_classes)) for key in keys.tolist()])
        for number, count, total in zip(table.tolist(), counts.tolist(), sums, strict=True):
            self._sizes[number] += count
            self._sums[number] = self._sums[number] + total
        parts[inside] = table[inverse] + 1
        return parts

    def divided(self) -> DividedLeaves:
        """All of them."""
        sizes = np.array(self._sizes, dtype=np.int64)
        means = torch.from_numpy(np.stack(self._sums) / sizes[:, None])
        points = torch.nn.functional.normalize(means.sqrt(), dim=1).float()
        origins = np.array([leaf for leaf, _ in self._numbers], dtype=np.int64)
        return DividedLeaves(points, sizes, origins)

    def _number(self, leaf: int, kind: int) -> int:
        number = self._numbers.setdefault((leaf, kind), len(self._numbers))
        if number == MOST:
            raise SettingError(
                f"Divided by the known classes there are more than {MOST} leaves; set fewer leaves.", "leaves"
            )
        if number == len(self._sizes):
            self._sizes.append(0)
            self._sums.append(np.zeros(1))
        return number
