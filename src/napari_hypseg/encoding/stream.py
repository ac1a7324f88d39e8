"""Streaming a specimen through a model, block by block with halo; the full embedding is never held."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.nn.model import DenseModel
from napari_hypseg.volumes.blocks import Block, even_edge, iter_blocks, read_mirrored
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen

CPU_EDGE = 48
"""Block edge, in voxels: two of them take a processor about 0.2 s, the longest a job stays silent."""
GPU_EDGE = 96
BATCH = 2
"""Blocks encoded together: with one, torch falls back on a processor to convolutions several times slower."""


@dataclass(frozen=True, eq=False)
class Encoder:
    """A trained model, ready to turn blocks of one specimen into points.

    Parameters
    ----------
    model
        On its device, in evaluation mode.
    specimen, intensity
        What to encode and how its grey values are standardised.
    device
        Where the model is.
    """

    model: DenseModel
    specimen: Specimen
    intensity: Intensity
    device: torch.device

    @cached_property
    def edge(self) -> Index3:
        """Edges (z, y, x) of a block, multiples of the model's stride."""
        return even_edge(self.specimen.region, CPU_EDGE if self.device.type == "cpu" else GPU_EDGE, self.model.stride)

    def blocks(self) -> list[Block]:
        """The blocks that cover the specimen's region, in z-major order."""
        return list(iter_blocks(self.specimen.region, self.edge, self.model.halo, self.model.stride))

    @torch.inference_mode()
    def embed(self, blocks: Sequence[Block]) -> list[Tensor]:
        """Points (z, y, x, d) of the core of each block, on the model's device; the blocks are of one shape."""
        voxels = [self.intensity.standardise(read_mirrored(self.specimen.volume, block.outer)) for block in blocks]
        batch = torch.from_numpy(np.stack(voxels)).to(self.device)
        if len(blocks) < BATCH:
            batch = batch.expand(BATCH, *batch.shape[1:])
        points = self.model.embed(batch)
        return [part[block.core_in_aligned] for part, block in zip(points, blocks, strict=False)]


def sample_points(
    encoder: Encoder, blocks: Sequence[Block], count: int, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Points (n, d) of at most `count` random voxels that count in each of the blocks."""
    parts = []
    for block, points in zip(blocks, encoder.embed(blocks), strict=True):
        inside = np.flatnonzero(encoder.specimen.inside(block.core))
        chosen = random.choice(inside, size=min(count, inside.size), replace=False)
        flat = points.reshape(-1, points.shape[-1])
        parts.append(flat[torch.from_numpy(chosen).to(flat.device)].cpu().numpy())
    return np.concatenate(parts)


def leaf_ids(
    encoder: Encoder, blocks: Sequence[Block], assign: Callable[[Tensor], Tensor]
) -> list[npt.NDArray[np.uint16]]:
    """Leaf ids (z, y, x) of the core of each block, 0 where nothing counts.

    Parameters
    ----------
    encoder, blocks
        What to encode.
    assign
        From points (n, d) to the index (n,) of the nearest prototype.
    """
    return [
        _leaf_ids(points, encoder.specimen.inside(block.core), assign)
        for block, points in zip(blocks, encoder.embed(blocks), strict=True)
    ]


def _leaf_ids(
    points: Tensor, inside: npt.NDArray[np.bool_], assign: Callable[[Tensor], Tensor]
) -> npt.NDArray[np.uint16]:
    nearest = assign(points.reshape(-1, points.shape[-1])).cpu().numpy().reshape(inside.shape)
    return np.where(inside, nearest + 1, 0).astype(np.uint16)
