"""Streaming a specimen through a model, block by block with halo; the full embedding is never held."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.nn.model import DenseModel
from napari_hypseg.volumes.blocks import NO_MARGIN, Block, even_edge, iter_blocks, read_mirrored
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import GreyValues

CPU_EDGE = 48
"""Usual block edge, in voxels: two of them take a processor about 0.2 s, the longest a job stays silent."""
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
    margin
        Voxels (z, y, x) around the core of a block whose points are needed too, rounded up to whole cells.
    """

    model: DenseModel
    specimen: Specimen
    intensity: Intensity
    device: torch.device
    margin: Index3 = NO_MARGIN

    @cached_property
    def edge(self) -> Index3:
        """Edges (z, y, x) of a block, multiples of the model's stride."""
        usual = CPU_EDGE if self.device.type == "cpu" else GPU_EDGE
        return even_edge(self.specimen.region, usual // self.model.finer_blocks, self.model.stride)

    def blocks(self) -> list[Block]:
        """The blocks that cover the specimen's region, in z-major order."""
        return self.walk(self.specimen.region, self.edge)

    def walk(self, region: Box, edge: Index3) -> list[Block]:
        """Blocks of `edge` voxels (z, y, x) that cover `region`, in z-major order."""
        stride = self.model.stride
        z, y, x = (-(-m // s) * s for m, s in zip(self.margin, stride, strict=True))
        return list(iter_blocks(region, edge, self.model.halo, stride, (z, y, x)))

    def embed(self, blocks: Sequence[Block]) -> list[Tensor]:
        """Points (z, y, x, d) of the core of each block, on the model's device; the blocks are of one shape."""
        return [points for points, _ in self.encode(blocks)]

    def encode(self, blocks: Sequence[Block]) -> list[tuple[Tensor, npt.NDArray[np.bool_]]]:
        """Points as from `embed`, and which voxels (z, y, x) of the core count: inside and finite in some channel."""
        encoded = self._encode(blocks)
        return [(points[b.core_in_aligned], counted) for b, (points, counted) in zip(blocks, encoded, strict=True)]

    def encode_around(self, blocks: Sequence[Block]) -> list[tuple[Tensor, npt.NDArray[np.bool_]]]:
        """As `encode`, but points (z, y, x, d) of the core and `margin` around it, for `decode`."""
        boxes = [block.in_aligned(block.core.grow(self.margin)) for block in blocks]
        return [(points[box], counted) for box, (points, counted) in zip(boxes, self._encode(blocks), strict=True)]

    @torch.inference_mode()
    def decode(self, around: Tensor) -> GreyValues:
        """Grey values (c, z, y, x) of the inside of points `around` (z, y, x, d), in the units of the volume.

        Blocks join without seams where `margin`, which surrounds the inside, is what the model's decoder looks at.

        Raises
        ------
        HypsegError
            If the model has no decoder.
        """
        z, y, x = (slice(m, n - m) for m, n in zip(self.margin, around.shape, strict=False))
        return self.intensity.restore(self.model.decode(around.unsqueeze(0))[0, :, z, y, x].cpu().numpy())

    @torch.inference_mode()
    def _encode(self, blocks: Sequence[Block]) -> list[tuple[Tensor, npt.NDArray[np.bool_]]]:
        """Points of all of each block, and which voxels (z, y, x) of its core count."""
        voxels = [read_mirrored(self.specimen.volume, block.outer) for block in blocks]
        counted = [self._counted(block, grey) for block, grey in zip(blocks, voxels, strict=True)]
        batch = torch.from_numpy(np.stack([self.intensity.standardise(grey) for grey in voxels])).to(self.device)
        if len(blocks) < BATCH:
            batch = batch.expand(BATCH, *batch.shape[1:])
        return list(zip(self.model.embed(batch), counted, strict=False))

    def _counted(self, block: Block, grey: GreyValues) -> npt.NDArray[np.bool_]:
        z, y, x = block.outer.start
        counted = self.specimen.inside(block.core)
        counted &= np.isfinite(grey[:, *block.core.shift((-z, -y, -x)).slices]).any(axis=0)
        return counted


def sample_points(
    encoder: Encoder, blocks: Sequence[Block], share: float, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Points (n, d) of a random `share` of the voxels that count in each of the blocks."""
    parts = []
    for points, counted in encoder.encode(blocks):
        places = np.flatnonzero(counted)
        chosen = random.choice(places, size=math.ceil(share * places.size), replace=False)
        flat = points.reshape(-1, points.shape[-1])
        parts.append(flat[torch.from_numpy(chosen).to(flat.device)].cpu().numpy())
    return np.concatenate(parts)
