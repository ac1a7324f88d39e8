"""A set of particles of one tomogram: where they are, how they lie, and what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.particles.orientations import UNTURNED, matrices, unit_quaternions
from napari_hypseg.particles.tomogram_grid import TomogramGrid

Floats = npt.NDArray[np.float64]
LENGTHS = ("diameter", "nearest")
"""Scalars that are lengths, in the unit of the voxel size."""
NO_SCALARS: Mapping[str, npt.NDArray[Any]] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class ParticleSet:
    """Particles of one tomogram; of several tomograms there are several sets.

    Parameters
    ----------
    grid
        The tomogram.
    positions
        float64 (n, 3), order zyx, in voxels: the centre of the first voxel is (0, 0, 0), fractions are allowed.
    orientations
        float64 (n, 4), unit quaternions (x, y, z, w) as SciPy orders them, None where nothing is known. Each is the
        rotation, in the right-handed frame (x, y, z), that turns the reference into the particle as it lies in the
        tomogram. The z axis of the reference becomes the particle's axis: of a point on a surface, the normal.
    name
        What they are called: the structure or the file they come from.
    scalars
        One value a particle (n,) by its name: ``"score"``, ``"diameter"``, ``"parent"``. Lengths are in the unit of
        the voxel size.
    box_size
        Edge in voxels of the box that a particle fits into, None if nobody has said.

    Raises
    ------
    ValueError
        If the arrays do not fit one another.
    """

    grid: TomogramGrid
    positions: Floats
    orientations: Floats | None = None
    name: str = "particles"
    scalars: Mapping[str, npt.NDArray[Any]] = field(default_factory=lambda: NO_SCALARS)
    box_size: int | None = None

    def __post_init__(self) -> None:
        positions = np.asarray(self.positions, dtype=np.float64).reshape(-1, 3)
        object.__setattr__(self, "positions", positions)
        if self.orientations is not None:
            turned = np.asarray(self.orientations, dtype=np.float64).reshape(-1, 4)
            object.__setattr__(self, "orientations", unit_quaternions(turned))
        arrays = [*self.scalars.values(), *([] if self.orientations is None else [self.orientations])]
        if any(len(values) != len(positions) for values in arrays):
            raise ValueError("orientations and scalars need one value for each position")

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def world(self) -> Floats:
        """Positions (n, 3), order zyx, in the unit of the grid along the axes of the volume."""
        return np.asarray(self.positions * self.grid.voxel_size + np.asarray(self.grid.origin))

    @property
    def quaternions(self) -> Floats:
        """Orientations (n, 4); where nothing is known, those of the reference."""
        return np.tile(UNTURNED, (len(self), 1)) if self.orientations is None else self.orientations

    @property
    def rotations(self) -> Floats:
        """Rotation matrices (n, 3, 3) that act on columns (z, y, x), and so on indices of arrays."""
        return np.ascontiguousarray(matrices(self.quaternions)[:, ::-1, ::-1])

    @property
    def axes(self) -> Floats:
        """Directions (n, 3), order zyx, of length 1, of the reference's z axis in each particle."""
        return np.ascontiguousarray(self.rotations[:, :, 0])

    def take(self, rows: npt.NDArray[Any]) -> "ParticleSet":
        """The particles at the places `rows` (m,), or where `rows` (n,) is true."""
        return replace(
            self,
            positions=self.positions[rows],
            orientations=None if self.orientations is None else self.orientations[rows],
            scalars={name: values[rows] for name, values in self.scalars.items()},
        )

    def with_scalars(self, **values: npt.NDArray[Any]) -> "ParticleSet":
        """The same particles with more values for each."""
        return replace(self, scalars={**self.scalars, **values})
