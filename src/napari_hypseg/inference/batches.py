"""Blocks of all specimens in batches, and a random sample of their points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource
    from napari_hypseg.volumes.blocks import Block

SAMPLE = 200_000
"""Points of a sample: enough for principal components, small enough to hold."""
SAMPLE_BATCHES = 32
"""Batches of blocks the sample is drawn from; of more if it is too small then."""


@dataclass(frozen=True)
class Batch:
    """Blocks of one shape, encoded together: of specimen number `specimen`, with `count` voxels in mask and box."""

    specimen: int
    blocks: "list[Block]"
    count: int


def make_batches(sources: "Sequence[PointSource]") -> Job[list[Batch]]:
    """All blocks of all specimens in batches, without those that lie outside mask and box."""
    from napari_hypseg.inference.encoder import BATCH

    batches: list[Batch] = []
    for index, source in enumerate(sources):
        found: list[tuple[Block, int]] = []
        for block in source.blocks():
            yield Progress("prepare", 0, 1)  # a mask is read block by block
            count = int(source.specimen.inside(block.core).sum())
            found += [(block, count)] if count else []
        for part in (found[i : i + BATCH] for i in range(0, len(found), BATCH)):
            batches.append(Batch(index, [block for block, _ in part], sum(count for _, count in part)))
    return batches


def sample_points(
    fallback: "MemoryFallback[PointSource]", batches: Sequence[Batch], seed: int
) -> Job[npt.NDArray[np.float32]]:
    """Some `SAMPLE` points (n, d) of random voxels of random blocks of all specimens.

    Yields `Progress` of the stage ``"sample"``.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(batches))
    share = min(1.0, SAMPLE / sum(batches[i].count for i in order[:SAMPLE_BATCHES]))

    def draw(source: "PointSource", blocks: "Sequence[Block]") -> Job[npt.NDArray[np.float32]]:
        yield progress
        return _random_points(source, blocks, share, random)

    parts: list[npt.NDArray[np.float32]] = []
    for done, i in enumerate(order):
        if done >= SAMPLE_BATCHES and sum(map(len, parts)) >= SAMPLE:
            break
        progress = Progress("sample", done, max(done + 1, min(len(order), SAMPLE_BATCHES)))
        parts += yield from fallback.run(batches[i].specimen, batches[i].blocks, draw)
    return np.concatenate(parts)


def _random_points(
    source: "PointSource", blocks: "Sequence[Block]", share: float, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Points (n, d) of a random `share` of the valid voxels of each block."""
    import torch

    parts = []
    for points, valid in source.encode(blocks):
        places = np.flatnonzero(valid)
        chosen = random.choice(places, size=math.ceil(share * places.size), replace=False)
        flat = points.reshape(-1, points.shape[-1])
        parts.append(flat[torch.from_numpy(chosen).to(flat.device)].cpu().numpy())
    return np.concatenate(parts)
