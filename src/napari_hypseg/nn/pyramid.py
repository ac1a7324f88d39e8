"""Levels of an image pyramid for anisotropic voxels, whose cells approach cubes."""

from dataclasses import dataclass

from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.volume import Vector3

POOLING_RATIO = 1.5
"""An axis is pooled while its cell is shorter than this many of the shortest."""
NEIGHBOUR_RATIO = 2.5
"""Along an axis whose cell is longer than this many of the shortest, the next cell is no neighbour."""


@dataclass(frozen=True)
class PyramidLevel:
    """Geometry of one pyramid level.

    Parameters
    ----------
    stride
        Cell size (z, y, x) in voxels.
    axes
        Axes (0 is z) along which the next cell is a neighbour; at least one.
    """

    stride: Index3
    axes: tuple[int, ...]


def plan_pyramid(voxel_size: Vector3, depth: int) -> tuple[PyramidLevel, ...]:
    """Pyramid whose cells approach cubes: an axis with long voxels is pooled and filtered only from a coarser level on.

    Parameters
    ----------
    voxel_size
        Edge lengths (z, y, x) in any common unit.
    depth
        Number of levels, from the finest to the coarsest.
    """
    stride = [1, 1, 1]
    levels = []
    for index in range(depth):
        cell = [s * v for s, v in zip(stride, voxel_size, strict=True)]
        if index:
            doubled = [2 if c < POOLING_RATIO * min(cell) else 1 for c in cell]
            stride = [s * d for s, d in zip(stride, doubled, strict=True)]
            cell = [c * d for c, d in zip(cell, doubled, strict=True)]
        near = tuple(axis for axis, c in enumerate(cell) if c < NEIGHBOUR_RATIO * min(cell))
        levels.append(PyramidLevel((stride[0], stride[1], stride[2]), near))
    return tuple(levels)
