"""What training and encoding ask of a model, whatever its method."""

from abc import abstractmethod

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.volumes.box import Index3


class DenseModel(nn.Module):
    """Maps every voxel's neighbourhood to a point on a manifold; trained on random crops."""

    mixed_precision = False
    """Whether convolutions run in bfloat16; geometry always runs in float32."""

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

    @abstractmethod
    def embed(self, x: Tensor) -> Tensor:
        """Points (b, z, y, x, d) of the core of standardised grey values `x` (b, c, z, y, x) with halo."""

    @abstractmethod
    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Loss of one batch of standardised crops (b, c, z, y, x) with halo."""
