"""Streaming a specimen through a model, block by block with halo; the full embedding is never held in memory."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.inference.point_source import ValidMask, valid_mask
from napari_hypseg.nn.batch_vectors import with_batch_vector
from napari_hypseg.nn.model import DenseModel
from napari_hypseg.volumes.blocks import NO_MARGIN, Block, balanced_edge, iter_blocks, read_with_mirror_padding
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.lattice import EVERY_VOXEL, Lattice
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import GreyValues

CPU_EDGE = 48
"""Usual block edge, in voxels: two of them take a processor about 0.2 s, the longest a job stays silent."""
LARGE_EDGE = 96
"""Of other devices, and of a processor that computes samples only: less is read twice than with small blocks."""
BATCH = 2
"""Blocks encoded together: with one, torch falls back on a processor to convolutions several times slower."""


@dataclass(frozen=True, eq=False)
class Encoder:
    """A trained model that encodes the blocks of one specimen; a `PointSource`.

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
    lattice
        Where samples are taken.
    vector
        Batch vector (n,) of the specimen; None for that of no batch.
    """

    model: DenseModel
    specimen: Specimen
    intensity: Intensity
    device: torch.device
    margin: Index3 = NO_MARGIN
    lattice: Lattice = EVERY_VOXEL
    vector: npt.NDArray[np.float32] | None = None

    @property
    def manifold(self) -> Manifold:
        """The latent manifold of the model."""
        return self.model.manifold

    @property
    def stride(self) -> Index3:
        """Voxels (z, y, x) of which the edges of a block are multiples."""
        z, y, x = (math.lcm(*both) for both in zip(self.model.stride, self.lattice.step, strict=True))
        return z, y, x

    @cached_property
    def edge(self) -> Index3:
        """Edges (z, y, x) of a block, multiples of the model's stride."""
        usual = CPU_EDGE if self.device.type == "cpu" and self.lattice.is_dense else LARGE_EDGE
        return balanced_edge(self.specimen.region, usual // self.model.block_divisor, self.stride)

    def blocks(self) -> list[Block]:
        """Blocks of the usual size that cover the specimen's region, in z-major order."""
        return self.blocks_in(self.specimen.region, self.edge)

    def blocks_in(self, region: Box, edge: Index3) -> list[Block]:
        """Blocks of `edge` voxels (z, y, x) that cover `region`, in z-major order."""
        z, y, x = (-(-m // s) * s for m, s in zip(self.margin, self.stride, strict=True))
        return list(iter_blocks(region, edge, self.model.halo, self.stride, (z, y, x)))

    def encode(self, blocks: Sequence[Block]) -> list[tuple[Tensor, ValidMask]]:
        """Points (z, y, x, d) of the core of each block, on the model's device, and its valid voxels (z, y, x)."""
        encoded = self._encode(blocks)
        return [(points[b.core_in_aligned], valid) for b, (points, valid) in zip(blocks, encoded, strict=True)]

    @torch.inference_mode()
    def sample(self, block: Block) -> Tensor:
        """Points (z, y, x, d), on the model's device, of the first voxels of the cells that have voxels in the core."""
        grey = self._standardised(read_with_mirror_padding(self.specimen.volume, block.outer))
        batch = torch.from_numpy(grey[None]).to(self.device)
        points = self.model.sample_at(batch, self.lattice.step, [block.aligned.start])[0]
        z, y, x = self.lattice.cells(block.aligned).start
        return points[self.lattice.cells(block.core).shift((-z, -y, -x)).slices]

    def encode_around(self, blocks: Sequence[Block]) -> list[tuple[Tensor, ValidMask]]:
        """As `encode`, but points (z, y, x, d) of the core and `margin` around it, for `decode`."""
        boxes = [block.in_aligned(block.core.grow(self.margin)) for block in blocks]
        return [(points[box], valid) for box, (points, valid) in zip(boxes, self._encode(blocks), strict=True)]

    @torch.inference_mode()
    def decode(self, around: Tensor) -> GreyValues:
        """Grey values (c, z, y, x) of the inside of points `around` (z, y, x, d), in the units of the volume.

        Blocks join without seams where `margin`, which surrounds the inside, is the receptive field of the decoder.

        Raises
        ------
        HypsegError
            If the model has no decoder.
        """
        z, y, x = (slice(m, n - m) for m, n in zip(self.margin, around.shape, strict=False))
        return self.intensity.restore(self.model.decode(around.unsqueeze(0))[0, :, z, y, x].cpu().numpy())

    def to(self, device: torch.device) -> "Encoder":
        """The same encoder on another device; the model, which encoders share, moves there."""
        self.model.to(device)
        return replace(self, device=device)

    @torch.inference_mode()
    def _encode(self, blocks: Sequence[Block]) -> list[tuple[Tensor, ValidMask]]:
        """Points of all of each block, and the valid voxels (z, y, x) of its core."""
        voxels = [read_with_mirror_padding(self.specimen.volume, block.outer) for block in blocks]
        valid = [self._valid(block, grey) for block, grey in zip(blocks, voxels, strict=True)]
        batch = torch.from_numpy(np.stack([self._standardised(grey) for grey in voxels])).to(self.device)
        if len(blocks) < BATCH:
            batch = batch.expand(BATCH, *batch.shape[1:])
        starts = [block.aligned.start for block in blocks]
        return list(zip(self.model.embed_at(batch, starts), valid, strict=False))

    def _standardised(self, grey: GreyValues) -> npt.NDArray[np.float32]:
        """What the model is shown of grey values (c, z, y, x)."""
        return with_batch_vector(self.intensity.standardise(grey), self.vector)

    def _valid(self, block: Block, grey: GreyValues) -> ValidMask:
        z, y, x = block.outer.start
        return valid_mask(self.specimen, block.core, grey[:, *block.core.shift((-z, -y, -x)).slices])
