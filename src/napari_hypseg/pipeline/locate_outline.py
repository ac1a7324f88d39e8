"""The outline of the sample, first in a coarse copy of the whole volume, then in a finer one around the sample."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.jobs import Job
from napari_hypseg.methods.localizers.background_flattening import halve
from napari_hypseg.methods.localizers.beads import without_beads
from napari_hypseg.methods.localizers.container import restricted
from napari_hypseg.methods.localizers.outline import outline_mask, sample_probability
from napari_hypseg.methods.localizers.search_region import SearchRegion
from napari_hypseg.methods.localizers.seeds import SAMPLE, Seeds, enlarge, find_component, place_seeds, visible_texture
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.coarse import CoarseVolume, coarsen
from napari_hypseg.volumes.volume import Volume

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)
Learn = Callable[[CoarseVolume, Seeds], Job[Array]]
AROUND = 0.35
"""Share of the edges of a sample that is looked at on either side of it when it is outlined anew."""
SMALL = 0.5
"""Share of the volume above which the region around a sample is not small enough for a finer copy."""
LEAST = 8
"""Cells on either side that are looked at in any case."""


@dataclass(frozen=True, eq=False)
class Outline:
    """The sample in one coarse copy of a volume.

    Parameters
    ----------
    copy
        What it was found in.
    start
        Voxel (z, y, x) of the volume at which the copy begins.
    piece
        bool (z, y, x): what was taken for the sample before its outline was learned.
    sure
        float32 (z, y, x): probability that a cell is sample.
    mask
        bool (z, y, x).
    """

    copy: CoarseVolume
    start: Index3
    piece: Mask
    sure: Array
    mask: Mask

    @property
    def box(self) -> Box:
        """Voxels of the volume between the first and the last cell of the mask; empty if that is."""
        return box_of(self.mask, self.copy, self.start)


def learner(steps: int, seed: int, device: torch.device) -> Learn:
    """What learns an outline from seeds."""

    def learn(copy: CoarseVolume, seeds: Seeds) -> Job[Array]:
        return (yield from sample_probability(copy, seeds, steps, seed, device))

    return learn


def outline(region: SearchRegion, evidence: Array, learn: Learn, start: Index3 = (0, 0, 0)) -> Job[Outline]:
    """The sample in a region of a coarse copy.

    Parameters
    ----------
    evidence
        float32 (z, y, x), at least 0, on the halved grid: decides between several pieces of structure.
    """
    copy, body = region.copy, region.body
    if body is not None:
        sure = yield from learn(copy, place_seeds(body, copy.valid))
        return Outline(copy, start, body, sure, body)
    valid = halve(copy).valid
    piece = find_component(visible_texture(copy), evidence)
    seeds = enlarge(place_seeds(piece, valid), copy.grid)
    sure = yield from learn(copy, seeds)
    mask = outline_mask(sure, seeds == SAMPLE, copy)
    return Outline(copy, start, enlarge(piece, copy.grid), sure, without_beads(mask, copy.data) if mask.any() else mask)


def refined(volume: Volume, found: Outline, edge: int, learn: Learn) -> Job[Outline]:
    """The outline in a finer copy of the region around it, where that is small enough; else `found`."""
    if not found.mask.any():
        return found
    z, y, x = (max(LEAST * f, round(AROUND * n)) for n, f in zip(found.box.shape, found.copy.factors, strict=True))
    window = found.box.grow((z, y, x)).intersect(volume.box)
    if window.size > SMALL * volume.box.size:
        return found
    copy = yield from coarsen(volume, edge, window)
    copy = restricted(copy, _resampled(found.copy.valid, found.copy, copy, window))
    likely = _resampled(found.sure * found.mask, found.copy, halve(copy), window)
    again = yield from outline(SearchRegion(copy), likely, learn, window.start)
    return again if again.mask.any() else found


def box_of(mask: Mask, copy: CoarseVolume, start: Index3) -> Box:
    """The voxels of the cells between the first and the last of a mask along each axis."""
    if not mask.any():
        return Box(start, start)
    edges = []
    for axis, (factor, length) in enumerate(zip(copy.factors, copy.shape, strict=True)):
        held = np.flatnonzero(mask.any(tuple({0, 1, 2} - {axis})))
        edges.append((int(held[0]) * factor, min((int(held[-1]) + 1) * factor, length)))
    (z0, z1), (y0, y1), (x0, x1) = edges
    return Box((z0, y0, x0), (z1, y1, x1)).shift(start)


def _resampled(cells: npt.NDArray[T], coarse: CoarseVolume, fine: CoarseVolume, window: Box) -> npt.NDArray[T]:
    """Cells of a copy of the whole volume at the centres of the cells of a copy of a window of it."""
    index = [
        np.minimum((first + (np.arange(n) + 0.5) * small).astype(int) // large, last - 1)
        for first, n, small, large, last in zip(
            window.start, fine.grid, fine.factors, coarse.factors, coarse.grid, strict=True
        )
    ]
    return cells[np.ix_(*index)]
