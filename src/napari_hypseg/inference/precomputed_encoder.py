"""Features that were computed beforehand, in the place of a model that computes them block by block."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.inference.encoder import CPU_EDGE
from napari_hypseg.inference.point_source import ValidMask
from napari_hypseg.volumes.blocks import Block, balanced_edge, iter_blocks
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity, measure_intensity
from napari_hypseg.volumes.lattice import EVERY_VOXEL, Lattice
from napari_hypseg.volumes.specimen import Specimen

NO_HALO: Index3 = (0, 0, 0)
CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class PrecomputedEncoder:
    """A `PointSource` whose points are stored: one feature vector for each voxel of the specimen's grid.

    Parameters
    ----------
    points
        (z, y, x, d) on `manifold`, float32 or float16, on the CPU; those of voxels outside mask and box are not read.
    manifold
        Where the points lie.
    specimen, intensity
        The specimen the points belong to and how its grey values are standardised.
    lattice
        Where samples are taken.
    device
        Where points are computed; always the CPU.
    """

    points: Tensor
    manifold: Manifold
    specimen: Specimen
    intensity: Intensity
    lattice: Lattice = EVERY_VOXEL
    device: torch.device = CPU

    @classmethod
    def of(cls, points: Tensor, manifold: Manifold, specimen: Specimen) -> "PrecomputedEncoder":
        """An encoder of `points` (z, y, x, d), with the grey-value statistics of the specimen measured here.

        Raises
        ------
        InputError
            If the specimen is the same everywhere.
        """
        return cls(points, manifold, specimen, measure_intensity(specimen))

    @property
    def stride(self) -> Index3:
        """Blocks consist of whole cells of the lattice."""
        return self.lattice.step

    def blocks(self) -> list[Block]:
        """Blocks of the usual size that cover the specimen's region, in z-major order."""
        region = self.specimen.region
        return self.blocks_in(region, balanced_edge(region, CPU_EDGE, self.stride))

    def blocks_in(self, region: Box, edge: Index3) -> list[Block]:
        """Blocks of `edge` voxels (z, y, x) that cover `region`, in z-major order."""
        return list(iter_blocks(region, edge, NO_HALO, self.stride))

    def encode(self, blocks: Sequence[Block]) -> list[tuple[Tensor, ValidMask]]:
        """Points (z, y, x, d) of the core of each block, float32, and the voxels (z, y, x) inside mask and box."""
        return [(self.points[block.core.slices].float(), self.specimen.inside(block.core)) for block in blocks]

    def sample(self, block: Block) -> Tensor:
        """Points (z, y, x, d), float32, of the first voxels of the cells that have voxels in the core."""
        return self.points[self.lattice.samples(block.core, (0, 0, 0))].float()

    def to(self, device: torch.device) -> "PrecomputedEncoder":
        """Itself: stored points stay on the CPU."""
        return self
