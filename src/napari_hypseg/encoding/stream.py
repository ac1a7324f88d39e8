"""Streaming a specimen through a model, block by block with halo; the full embedding is never held."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.nn.model import DenseModel
from napari_hypseg.volumes.blocks import Block, block_at, block_starts, read_mirrored
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen

CPU_EDGE = 48
"""Block edge, in voxels, that takes a processor about 0.2 s: the longest a job stays silent."""
GPU_EDGE = 96


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

    def block_edge(self) -> Index3:
        """Edges (z, y, x) of a block, multiples of the model's stride."""
        wanted = CPU_EDGE if self.device.type == "cpu" else GPU_EDGE
        z, y, x = (max(1, wanted // s) * s for s in self.model.stride)
        return z, y, x

    def starts(self, edge: Index3) -> list[Index3]:
        """Corners of the blocks that cover the specimen's region."""
        return block_starts(self.specimen.region, edge, self.model.stride)

    def block(self, start: Index3, edge: Index3) -> Block:
        """The block at `start`."""
        return block_at(self.specimen.region, start, edge, self.model.halo, self.model.stride)

    @torch.inference_mode()
    def embed(self, block: Block) -> Tensor:
        """Points (z, y, x, d) of the block's core, on the model's device."""
        voxels = self.intensity.standardise(read_mirrored(self.specimen.volume, block.outer))
        points = self.model.embed(torch.from_numpy(voxels)[None].to(self.device))[0]
        return points[block.core_in_aligned]


def sample_points(
    encoder: Encoder, start: Index3, edge: Index3, count: int, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """At most `count` random points (n, d) of the voxels that count in the block at `start`."""
    block = encoder.block(start, edge)
    inside = np.flatnonzero(encoder.specimen.inside(block.core))
    if inside.size == 0:
        return np.zeros((0, 0), dtype=np.float32)
    chosen = random.choice(inside, size=min(count, inside.size), replace=False)
    points = encoder.embed(block)
    flat = points.reshape(-1, points.shape[-1])
    return flat[torch.from_numpy(chosen).to(flat.device)].cpu().numpy()


def leaf_ids(encoder: Encoder, block: Block, assign: Callable[[Tensor], Tensor]) -> npt.NDArray[np.uint16]:
    """Leaf ids (z, y, x) of the block's core, 0 where nothing counts.

    Parameters
    ----------
    encoder, block
        What to encode.
    assign
        From points (n, d) to the index (n,) of the nearest prototype.
    """
    inside = encoder.specimen.inside(block.core)
    ids = np.zeros(inside.shape, dtype=np.uint16)
    if inside.any():
        points = encoder.embed(block)
        nearest = assign(points.reshape(-1, points.shape[-1])).cpu().numpy().astype(np.uint16)
        ids[inside] = nearest.reshape(inside.shape)[inside] + 1
    return ids
