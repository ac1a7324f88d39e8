"""The protocol of everything that supplies latent points block by block: a model that is streamed, or stored features.

Supervoxels, leaves and hierarchy are built from a `PointSource` alone, so that features computed elsewhere are
segmented exactly as learned ones are.
"""

from collections.abc import Sequence
from typing import Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.volumes.blocks import Block
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.lattice import Lattice
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import GreyValues

ValidMask: TypeAlias = npt.NDArray[np.bool_]


class SpecimenSource(Protocol):
    """One specimen whose grey values are computed with by blocks."""

    @property
    def specimen(self) -> Specimen:
        """The specimen."""
        ...

    @property
    def intensity(self) -> Intensity:
        """How the specimen's grey values are standardised."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it is computed."""
        ...

    @property
    def stride(self) -> Index3:
        """Voxels (z, y, x) of which the edges of a block are multiples."""
        ...

    @property
    def lattice(self) -> Lattice:
        """Where samples are taken."""
        ...

    def blocks_in(self, region: Box, edge: Index3) -> list[Block]:
        """Blocks of `edge` voxels (z, y, x) that cover `region`, in z-major order."""
        ...

    def to(self, device: torch.device) -> Self:
        """The same source on another device."""
        ...


class PointSource(SpecimenSource, Protocol):
    """Latent points of the voxels of one specimen, by blocks."""

    @property
    def manifold(self) -> Manifold:
        """The manifold the points lie on."""
        ...

    def blocks(self) -> list[Block]:
        """Blocks of the usual size that cover the specimen's region, in z-major order."""
        ...

    def encode(self, blocks: Sequence[Block]) -> list[tuple[Tensor, ValidMask]]:
        """Points (z, y, x, d) of the core of each block, on the device, and its valid voxels (z, y, x).

        All blocks have one shape. A voxel is valid if it lies inside the mask and box of the specimen and is finite.
        """
        ...

    def sample(self, block: Block) -> Tensor:
        """Points (z, y, x, d) of the first voxels of the cells of `lattice` that have voxels in the core of `block`."""
        ...


def valid_mask(specimen: Specimen, core: Box, grey: GreyValues) -> ValidMask:
    """Voxels (z, y, x) of `core` inside mask and box where any channel of `grey` (c, z, y, x) is finite."""
    valid = specimen.inside(core)
    valid &= np.isfinite(grey).any(axis=0)
    return valid
