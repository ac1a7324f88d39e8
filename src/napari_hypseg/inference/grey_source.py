"""A specimen whose grey values are all there is: what is computed of it needs no model."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from napari_hypseg.inference.precomputed_encoder import CPU, NO_HALO
from napari_hypseg.volumes.blocks import Block, iter_blocks
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity, measure_intensity
from napari_hypseg.volumes.lattice import EVERY_VOXEL, Lattice
from napari_hypseg.volumes.specimen import Specimen


@dataclass(frozen=True, eq=False)
class GreySource:
    """A `SpecimenSource` without points.

    Parameters
    ----------
    specimen, intensity
        The specimen and how its grey values are standardised.
    lattice
        Where samples are taken.
    device
        Where it is computed; always the CPU.
    """

    specimen: Specimen
    intensity: Intensity
    lattice: Lattice = EVERY_VOXEL
    device: torch.device = CPU

    @classmethod
    def of(cls, specimens: Sequence[Specimen]) -> list["GreySource"]:
        """A source for each specimen, with the grey-value statistics measured here.

        Raises
        ------
        InputError
            If a specimen is the same everywhere.
        """
        return [cls(specimen, measure_intensity(specimen)) for specimen in specimens]

    @property
    def stride(self) -> Index3:
        """Blocks consist of whole cells of the lattice."""
        return self.lattice.step

    def blocks_in(self, region: Box, edge: Index3) -> list[Block]:
        """Blocks of `edge` voxels (z, y, x) that cover `region`, in z-major order."""
        return list(iter_blocks(region, edge, NO_HALO, self.stride))

    def to(self, device: torch.device) -> "GreySource":
        """Itself: it stays on the CPU."""
        return self
