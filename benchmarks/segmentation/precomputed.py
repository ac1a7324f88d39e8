"""A field of points in memory in the place of a trained model, so that benchmarks go the product's own way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.encoding.stream import Encoder
from napari_hypseg.errors import HypsegError
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.nn.model import DenseModel
from napari_hypseg.volumes.blocks import Block
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen

KNOWN = "The points of this field are known; there is nothing to learn."


class Known(DenseModel):
    """A model that has nothing to compute: its points are looked up in a `Field`."""

    def __init__(self, manifold: Manifold) -> None:
        super().__init__()
        self._manifold = manifold

    @property
    def manifold(self) -> Manifold:
        """Where the points live."""
        return self._manifold

    @property
    def halo(self) -> Index3:
        """No context is needed."""
        return 0, 0, 0

    @property
    def stride(self) -> Index3:
        """Blocks lie anywhere."""
        return 1, 1, 1

    def embed(self, x: Tensor) -> Tensor:
        """Not from grey values."""
        raise HypsegError(KNOWN)

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Not to be learned."""
        raise HypsegError(KNOWN)


@dataclass(frozen=True, eq=False)
class Field(Encoder):
    """An encoder whose `points` (z, y, x, d) are there already, float32 or float16, on the CPU."""

    points: Tensor = field(kw_only=True)

    def encode(self, blocks: Sequence[Block]) -> list[tuple[Tensor, npt.NDArray[np.bool_]]]:
        """Points (z, y, x, d) of the core of each block, float32, and which of its voxels (z, y, x) count."""
        specimen = self.specimen
        return [(self.points[block.core.slices].float(), specimen.inside(block.core)) for block in blocks]


def field_of(points: Tensor, manifold: Manifold, specimen: Specimen) -> Field:
    """Points (z, y, x, d) on `manifold`, one for each voxel of the specimen's grid, as an encoder."""
    return Field(Known(manifold), specimen, measure_intensity(specimen), torch.device("cpu"), points=points)
