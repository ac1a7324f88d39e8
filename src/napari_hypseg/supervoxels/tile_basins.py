"""The watershed basins of one tile of a volume, of which those of its margin are forgotten."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.inference.point_source import valid_mask
from napari_hypseg.supervoxels.watershed import MARGIN, basins, connected_axes, edge_strength
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.lattice import Lattice

if TYPE_CHECKING:
    from napari_hypseg.inference.point_source import SpecimenSource

SAMPLE = 1_000_000
"""Voxels of a specimen, at most, from which the median edge strength is estimated."""

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class TileBasins:
    """The n basins that have valid voxels in a tile.

    Parameters
    ----------
    core
        The tile.
    minima
        int64 (n,), ascending; flat index in the whole grid of the minimum of each, which may lie outside the tile.
    ids
        int32 (z, y, x); 1 … n, the basin of each voxel, 0 where it is not valid.
    cells
        Where the samples of the tile lie in the lattice.
    cell_ids
        int32 (z, y, x) over `cells`; the basin a sample stands for.
    edges
        float16 (z, y, x) over `cells`; edge strength at the samples.
    strengths
        float32 (m,); edge strength at some of the valid voxels.
    """

    core: Box
    minima: npt.NDArray[np.int64]
    ids: Ids
    cells: Box
    cell_ids: Ids
    edges: npt.NDArray[np.float16]
    strengths: npt.NDArray[np.float32]


def tile_basins(source: "SpecimenSource", core: Box, scale: float) -> TileBasins:
    """The basins of `core`, of grey values that are smoothed by a Gaussian of `scale` finest voxel edges."""
    volume, lattice = source.specimen.volume, source.lattice
    axes = connected_axes(volume.voxel_size)
    z, y, x = (MARGIN * connected for connected in axes)
    around = core.grow((z, y, x)).intersect(volume.box)
    z, y, x = around.start
    here = core.shift((-z, -y, -x)).slices
    grey = volume.read(around)
    counted = valid_mask(source.specimen, around, grey)
    valid = counted[here]
    scaled = torch.from_numpy(source.intensity.standardise(grey)).to(source.device)
    strength = edge_strength(scaled, volume.voxel_size, scale)
    minimum = basins(strength, axes)[here].cpu().numpy()
    numbers, minima = _numbered(minimum[valid], around.size)
    ids = np.where(valid, numbers[minimum], 0)
    cell_ids = ids
    if not lattice.is_dense:
        cell_ids = _cell_ids(ids, minima, around, core, lattice)
        kept = counted.ravel()[minima]
        kept[cell_ids[cell_ids > 0] - 1] = True
        ids, cell_ids, minima = _without_slivers(ids, cell_ids, minima, kept, core, lattice)
    samples = strength[lattice.samples(core, around.start)].cpu().numpy().astype(np.float16)
    step = max(1, volume.box.size // SAMPLE)
    return TileBasins(
        core=core,
        minima=_in_grid(minima, around, volume.shape),
        ids=ids,
        cells=lattice.cells(core),
        cell_ids=cell_ids,
        edges=samples,
        strengths=strength[here].cpu().numpy()[valid][::step].copy(),  # a view would hold all of the tile
    )


def _numbered(minimum: Ids, size: int) -> tuple[Ids, npt.NDArray[np.int64]]:
    """Number from 1 of each of `size` voxels that is a minimum of the valid ones, 0 elsewhere, and these minima."""
    is_minimum = np.zeros(size, dtype=np.bool_)
    is_minimum[minimum] = True
    minima = np.flatnonzero(is_minimum)
    numbers = np.zeros(size, dtype=np.int32)
    numbers[minima] = np.arange(1, len(minima) + 1)
    return numbers, minima


def _in_grid(indices: npt.NDArray[np.int64], around: Box, shape: Index3) -> npt.NDArray[np.int64]:
    """Flat indices in `around` as flat indices in a grid of `shape`."""
    places = np.unravel_index(indices, around.shape)
    z, y, x = (place + start for place, start in zip(places, around.start, strict=True))
    return np.ravel_multi_index((z, y, x), shape)


def _cell_ids(ids: Ids, minima: npt.NDArray[np.int64], around: Box, core: Box, lattice: Lattice) -> Ids:
    """The basin (z, y, x) that each sample of `core` stands for.

    That of the minimum in the sample's cell, of which there is one at most where cells are of two voxels; else that of
    the cell's first valid voxel. So no basin whose minimum is valid is left without.
    """
    cells = lattice.cells(core)
    low = [a - b * n for a, b, n in zip(core.start, cells.start, lattice.step, strict=True)]
    high = [b * n - a for a, b, n in zip(core.stop, cells.stop, lattice.step, strict=True)]
    padded = np.pad(ids, list(zip(low, high, strict=True)))
    (z, y, x), (a, b, c) = lattice.step, cells.shape
    by_cell = padded.reshape(a, z, b, y, c, x)
    found = by_cell[:, 0, :, 0, :, 0].copy()
    for place in np.ndindex(z, y, x):
        if found.all():
            break
        found = np.where(found, found, by_cell[:, place[0], :, place[1], :, place[2]])
    places = np.stack(np.unravel_index(minima, around.shape), axis=1) + around.start
    inside = ((places >= core.start) & (places < core.stop)).all(axis=1)
    places, numbers = places[inside], np.flatnonzero(inside) + 1
    valid = ids[tuple((places - core.start).T)] > 0
    found[tuple((places[valid] // lattice.step - cells.start).T)] = numbers[valid]
    return found


def _without_slivers(
    ids: Ids, cell_ids: Ids, minima: npt.NDArray[np.int64], kept: npt.NDArray[np.bool_], core: Box, lattice: Lattice
) -> tuple[Ids, Ids, npt.NDArray[np.int64]]:
    """`ids`, `cell_ids` and `minima` of the basins that are `kept` (n,).

    Voxels of the others, of which mask or box leave a sliver that has neither minimum nor sample, go to the basin that
    their cell's sample stands for.
    """
    if kept.all():
        return ids, cell_ids, minima
    numbers = np.concatenate([[0], np.cumsum(kept)]).astype(np.int32)
    of_cell = cell_ids
    for axis, n in enumerate(lattice.step):
        of_cell = of_cell.repeat(n, axis=axis)
    z, y, x = (-a * n for a, n in zip(lattice.cells(core).start, lattice.step, strict=True))
    of_cell = of_cell[core.shift((z, y, x)).slices]
    ids = np.where(np.concatenate([[True], kept])[ids], ids, of_cell)
    return numbers[ids], numbers[cell_ids], minima[kept]
