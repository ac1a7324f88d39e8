"""Triangle meshes of structures: isosurfaces of a smoothed mask at true scale and place."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy import ndimage

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.isosurface import isosurface_job
from napari_hypseg.structures.mask_slabs import SLAB_VOXELS, bounding_box_job, read_mask
from napari_hypseg.volumes import Box, Index3, LazyArray, Vector3

Cells = npt.NDArray[np.float32]
MAX_CELLS = 1 << 24
"""Cells that a surface is made from where nobody says how many; 256³, some hundred thousand triangles."""
MIN_SIGMA = 0.2
"""Standard deviation, in cells, below which a Gaussian changes nothing."""
LEVELS = (0.1, 0.9)
"""Bounds of the value at which the surface is taken."""
HALVINGS = 12


class SurfaceSettings(Config):
    """How the surface of a structure is made."""

    smoothing: float = Field(
        1.0,
        ge=0,
        le=100,
        title="Smoothing",
        description="Standard deviation of the Gaussian that rounds the steps between voxels; 0 leaves them.",
        json_schema_extra={"unit": "voxels (shortest edge)"},
    )
    binning: int | None = Field(
        None,
        ge=1,
        le=64,
        title="Binning",
        description=(
            "Make the surface from cubes of this many voxels along an edge, for fewer triangles. By default as few as "
            "keep a large structure light."
        ),
        json_schema_extra={"unit": "voxels", **ADVANCED},
    )


@dataclass(frozen=True, eq=False)
class SurfaceMesh:
    """The surface of one structure.

    Parameters
    ----------
    vertices
        float32 (n, 3); positions (z, y, x) in `unit` along the axes of the volume.
    faces
        int32 (m, 3); three vertices of each triangle, counter-clockwise seen from outside in a right-handed (x, y, z).
    unit
        Name of a length, or ``"pixel"``.
    name, colour
        Of the structure; RGBA in [0, 1], None for no colour.
    """

    vertices: npt.NDArray[np.float32]
    faces: npt.NDArray[np.int32]
    unit: str = "pixel"
    name: str = "surface"
    colour: tuple[float, float, float, float] | None = None


def surface_mesh_job(
    mask: LazyArray,
    voxel_size: Vector3,
    origin: Vector3,
    settings: SurfaceSettings,
    **described: Any,
) -> Job[SurfaceMesh]:
    """Make the surface of a mask, yielding ``Progress("surface", …)``; no triangle if the mask is empty.

    The surface is taken at the value that leaves as many cells inside as the structure has, so that smoothing neither
    shrinks it nor makes what is thin disappear. It is closed where the structure is cut off by the volume's end.

    Parameters
    ----------
    mask
        (z, y, x); voxels above 0 count. It is read in slabs; the box around them is held as float32, binned.
    voxel_size, origin
        As in `Volume`.
    settings
        Smoothness and detail.
    **described
        `unit`, `name` and `colour` of the `SurfaceMesh`.
    """
    box = yield from bounding_box_job(mask, Stage.SURFACE)
    if box is None:
        return SurfaceMesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), **described)
    factors = bin_factors(box.shape, voxel_size, settings.binning)
    sigmas = [settings.smoothing * min(voxel_size) / (f * edge) for f, edge in zip(factors, voxel_size, strict=True)]
    sigmas = [sigma if sigma > MIN_SIGMA else 0.0 for sigma in sigmas]
    pads = [1 + ceil(3 * sigma) for sigma in sigmas]
    cells = yield from _binned_job(mask, box, factors, pads)
    content = float(cells.sum(dtype=np.float64))
    for axis, sigma in enumerate(sigmas):
        if sigma:
            yield from _smooth_job(cells, sigma, axis)
    level = yield from _level_job(cells, content)
    vertices, faces = yield from isosurface_job(cells, level)
    yield Progress(Stage.SURFACE, 1, 1)
    places = (vertices.astype(np.float64) - pads + 0.5) * factors - 0.5 + box.start
    world = (places * voxel_size + np.asarray(origin)).astype(np.float32)
    return SurfaceMesh(world, faces, **described)


def bin_factors(shape: Index3, voxel_size: Vector3, binning: int | None) -> Index3:
    """Voxels (z, y, x) of a cell, as cubic as whole voxels allow; without `binning` at most `MAX_CELLS` cells."""
    if binning is not None:
        z, y, x = (max(1, round(binning * min(voxel_size) / edge)) for edge in voxel_size)
        return z, y, x
    factors = [1, 1, 1]
    while np.prod([-(-n // f) for n, f in zip(shape, factors, strict=True)]) > MAX_CELLS:
        cells = [f * edge for f, edge in zip(factors, voxel_size, strict=True)]
        factors[int(np.argmin(cells))] += 1
    return factors[0], factors[1], factors[2]


def _binned_job(mask: LazyArray, box: Box, factors: Index3, pads: list[int]) -> Job[Cells]:
    """Share of each cell that is inside, float32, with empty cells around."""
    grid = [-(-n // f) for n, f in zip(box.shape, factors, strict=True)]
    cells = np.zeros([n + 2 * pad for n, pad in zip(grid, pads, strict=True)], dtype=np.float32)
    inner = cells[tuple(slice(pad, pad + n) for pad, n in zip(pads, grid, strict=True))]
    step = max(1, SLAB_VOXELS // (factors[0] * box.shape[1] * box.shape[2]))
    for first in range(0, grid[0], step):
        last = min(grid[0], first + step)
        start, stop = (box.start[0] + n * factors[0] for n in (first, last))
        part = read_mask(mask, Box((start, *box.start[1:]), (min(stop, box.stop[0]), *box.stop[1:])))
        inner[first:last] = _means(part, (last - first, grid[1], grid[2]), factors)
        yield Progress(Stage.SURFACE, last, grid[0])
    return cells


def _means(part: npt.NDArray[np.bool_], grid: Index3, factors: Index3) -> Cells:
    if factors == (1, 1, 1):
        return part.astype(np.float32)
    whole = np.zeros([n * f for n, f in zip(grid, factors, strict=True)], dtype=bool)
    whole[tuple(slice(n) for n in part.shape)] = part
    split = whole.reshape([n for pair in zip(grid, factors, strict=True) for n in pair])
    return np.asarray(split.mean(axis=(1, 3, 5), dtype=np.float32))


def _smooth_job(cells: Cells, sigma: float, axis: int) -> Job[None]:
    """Smooth along one axis, in place."""
    across = 0 if axis else 1
    step = max(1, SLAB_VOXELS * cells.shape[across] // cells.size)
    for first in range(0, cells.shape[across], step):
        part = cells[first : first + step] if axis else cells[:, first : first + step]
        ndimage.gaussian_filter1d(part, sigma, axis=axis, output=part, mode="constant", truncate=3)
        yield Progress(Stage.SURFACE, min(first + step, cells.shape[across]), cells.shape[across])


def _level_job(cells: Cells, content: float) -> Job[float]:
    """The value whose surface encloses `content` cells, by halving; cells it passes through count in part.

    How much of a cell lies inside follows from its value and the slope there, as for a plane through it.
    """
    lowest, highest = LEVELS
    flat = cells.reshape(-1)
    border = np.flatnonzero((flat > lowest / 2) & (flat < 1 - lowest / 2))
    if not len(border):
        return 0.5  # neither smoothed nor binned
    inside = np.count_nonzero(flat >= 1 - lowest / 2)
    values, slopes = flat[border], np.zeros(len(border), dtype=np.float32)
    for stride in (cells.shape[1] * cells.shape[2], cells.shape[2], 1):
        slopes += ((flat[border + stride] - flat[border - stride]) / 2) ** 2
    slopes = np.maximum(np.sqrt(slopes), 1e-3)
    for halving in range(HALVINGS):
        yield Progress(Stage.SURFACE, halving, HALVINGS)
        level = (lowest + highest) / 2
        enclosed = inside + np.clip(0.5 + (values - level) / slopes, 0, 1).sum(dtype=np.float64)
        lowest, highest = (level, highest) if enclosed > content else (lowest, level)
    return (lowest + highest) / 2
