"""What training and encoding ask of a model, whatever its method."""

from abc import abstractmethod

import torch
from torch import Tensor, nn

from napari_hypseg.errors import NoDecoderError
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.volumes.box import Index3

NO_DECODER = "This method learns no decoder, so it cannot draw what it learned; learn with another method."


class DenseModel(nn.Module):
    """Maps every voxel's neighbourhood to a point on a manifold; trained on random crops."""

    mixed_precision = False
    """Whether convolutions run in bfloat16; geometry always runs in float32."""

    clip = 5.0
    """Largest gradient norm of a training step."""

    finer_blocks = 1
    """How many times shorter the edges of a block are than usual, for a model that takes long for a voxel."""

    @property
    @abstractmethod
    def manifold(self) -> Manifold:
        """Where the points live."""

    @property
    @abstractmethod
    def halo(self) -> Index3:
        """Voxels (z, y, x) of context needed around a block, a multiple of `stride`."""

    @property
    @abstractmethod
    def stride(self) -> Index3:
        """Blocks lie on multiples of this many voxels (z, y, x)."""

    def optimiser(self, rate: float) -> torch.optim.Optimizer:
        """What trains the model; its rate is set anew at every step, `rate` being the highest."""
        return torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=1e-4)

    @abstractmethod
    def embed(self, x: Tensor) -> Tensor:
        """Points (b, z, y, x, d) of the core of standardised grey values `x` (b, c, z, y, x) with halo."""

    @property
    def decoder_reach(self) -> int:
        """Voxels around a point that `decode` looks at.

        Raises
        ------
        NoDecoderError
            If the model has no decoder.
        """
        raise NoDecoderError(NO_DECODER)

    def decode(self, points: Tensor) -> Tensor:
        """Standardised grey values (b, c, z, y, x) that points (b, z, y, x, d) stand for.

        The outermost `decoder_reach` voxels see only a part of their surroundings.

        Raises
        ------
        NoDecoderError
            If the model has no decoder.
        """
        raise NoDecoderError(NO_DECODER)

    @abstractmethod
    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Loss of one batch of standardised crops (b, c, z, y, x) with halo."""
