"""The tomogram that particles lie in: its grid and place, without its voxels."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.volumes import Index3, Vector3
from napari_hypseg.volumes.placed_grid import PlacedGrid
from napari_hypseg.volumes.units import convert, is_length

EVEN = 1e-3
"""Edges of a voxel that differ by less than this share are equal; headers round."""


class NamedGrid(PlacedGrid, Protocol):
    """What a grid is taken from: a `Volume`, or the record of a specimen."""

    @property
    def name(self) -> str:
        """Word for the person."""
        ...


@dataclass(frozen=True)
class TomogramGrid:
    """A grid of voxels with its place in the world.

    Parameters
    ----------
    name
        What the tomogram is called.
    shape
        Voxels (z, y, x).
    voxel_size, unit, origin
        As in `Volume`.
    """

    name: str
    shape: Index3
    voxel_size: Vector3 = (1.0, 1.0, 1.0)
    unit: str = "pixel"
    origin: Vector3 = (0.0, 0.0, 0.0)

    @classmethod
    def of(cls, placed: NamedGrid) -> "TomogramGrid":
        """The grid of a volume or of the record of a specimen."""
        return cls(placed.name, placed.shape, placed.voxel_size, placed.unit, placed.origin)

    def angstroms(self) -> Vector3:
        """Edges (z, y, x) of a voxel in Å.

        Raises
        ------
        InputError
            If the unit is not known.
        """
        if not is_length(self.unit):
            raise InputError(f"The voxel size of {self.name} is not known; set it and its unit first.")
        z, y, x = (convert(edge, self.unit, "angstrom") for edge in self.voxel_size)
        return z, y, x

    def pixel_size(self) -> float:
        """Edge of a cubic voxel in Å.

        Raises
        ------
        InputError
            If the unit is not known, or the edges differ.
        """
        edges = self.angstroms()
        if max(edges) > min(edges) * (1 + EVEN):
            words = " × ".join(f"{edge:g}" for edge in edges)
            raise InputError(f"The voxels of {self.name} are not cubes ({words} Å); resample it to cubic voxels first.")
        return float(np.mean(edges))
