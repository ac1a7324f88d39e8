"""The interface of a model for training and inference, common to all methods."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from napari_hypseg.errors import NoDecoderError
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.volumes.box import Index3

NO_DECODER = "This method learns no decoder, so it cannot draw what it learned; learn with another method."


class TrainableModel(nn.Module):
    """What the training loop asks of a model."""

    mixed_precision = False
    """Whether convolutions run in bfloat16; geometry always runs in float32."""

    clip = 5.0
    """Largest gradient norm of a training step."""

    cpu_batch = 2
    """Examples in one pass on a processor: few keep a job responsive, but one alone makes torch fall back to
    convolutions 8 times slower."""

    def optimiser(self, rate: float) -> torch.optim.Optimizer:
        """Optimiser of the model; its learning rate follows a schedule whose highest value is `rate`.

        A group of parameters with a ``"rate_share"`` learns at that share of it.
        """
        return torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=1e-4)

    @abstractmethod
    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Loss of one batch of standardised examples, the first axis of `x`."""


class DenseModel(TrainableModel):
    """Maps every voxel's neighbourhood, and where it lies, to a point on a manifold."""

    block_divisor = 1
    """Divisor of the edges of an inference block, for a model that is slow per voxel."""

    @property
    @abstractmethod
    def manifold(self) -> Manifold:
        """Manifold of the points."""

    @property
    @abstractmethod
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block, a multiple of `stride`."""

    @property
    @abstractmethod
    def stride(self) -> Index3:
        """Blocks lie on multiples of this many voxels (z, y, x)."""

    @abstractmethod
    def embed_at(self, x: Tensor, starts: Sequence[Index3]) -> Tensor:
        """Points (b, z, y, x, d) of the cores of blocks, of standardised grey values `x` (b, c, z, y, x) with halo.

        The cores begin at `starts` (z, y, x) in their volume.
        """

    @abstractmethod
    def sample_at(self, x: Tensor, step: Index3, starts: Sequence[Index3]) -> Tensor:
        """Every `step`-th (z, y, x) of the points that `embed_at` gives, from the first on."""

    def batch_vectors(self, n_specimens: int) -> npt.NDArray[np.float32] | None:
        """Vectors (s, n) of the specimens it learned from, for `with_batch_vector`; None if it is told none.

        None, too, where `n_specimens` are not as many: they are others then, which are of no batch.
        """
        return None

    @property
    def decoder_radius(self) -> int:
        """Radius in voxels of the receptive field of `decode`.

        Raises
        ------
        NoDecoderError
            If the model has no decoder.
        """
        raise NoDecoderError(NO_DECODER)

    def decode(self, points: Tensor) -> Tensor:
        """Standardised grey values (b, c, z, y, x) decoded from points (b, z, y, x, d).

        The outermost `decoder_radius` voxels see only a part of their receptive field.

        Raises
        ------
        NoDecoderError
            If the model has no decoder.
        """
        raise NoDecoderError(NO_DECODER)


class PatchModel(DenseModel):
    """Maps every voxel's neighbourhood to a point, wherever it lies; trained on random crops."""

    @abstractmethod
    def embed(self, x: Tensor) -> Tensor:
        """Points (b, z, y, x, d) of the core of standardised grey values `x` (b, c, z, y, x) with halo."""

    def sample(self, x: Tensor, step: Index3) -> Tensor:
        """Every `step`-th (z, y, x) of the points that `embed` gives, from the first on."""
        z, y, w = step
        return self.embed(x)[:, ::z, ::y, ::w]

    def embed_at(self, x: Tensor, starts: Sequence[Index3]) -> Tensor:
        """As `embed`; where the blocks lie changes nothing."""
        return self.embed(x)

    def sample_at(self, x: Tensor, step: Index3, starts: Sequence[Index3]) -> Tensor:
        """As `sample`; where the blocks lie changes nothing."""
        return self.sample(x, step)
