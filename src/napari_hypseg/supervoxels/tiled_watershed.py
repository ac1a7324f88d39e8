"""Watershed of whole specimens, tile by tile with a margin, so that basins have no seams and no volume is in memory."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.inference.point_source import valid_mask
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.noise_level import MIN_SCALE, noise_fraction, smoothing_scale
from napari_hypseg.supervoxels.watershed import MARGIN, basins, connected_axes, edge_strength
from napari_hypseg.supervoxels.workspace import CHUNK, Workspace, tiles
from napari_hypseg.volumes.blocks import Block
from napari_hypseg.volumes.box import Box, Index3

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource

EDGES = {"cpu": 2 * CHUNK}
"""Edge in voxels of a tile, without its margin."""
EDGE_ELSEWHERE = 4 * CHUNK
SAMPLE = 1_000_000
"""Voxels of a specimen, at most, from which the median edge strength is estimated."""

TileBasins: TypeAlias = tuple[Box, npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.bool_]]
"""Tile, minimum and edge strength of each of its voxels (z, y, x), and its valid voxels."""


@dataclass(frozen=True)
class Basins:
    """The watershed basins of one specimen.

    Parameters
    ----------
    median_edge
        Median edge strength.
    tiles, ends
        The tiles in the order they were computed, and how many basins had been numbered up to the end of each.
    """

    median_edge: float
    tiles: tuple[Box, ...]
    ends: tuple[int, ...]

    @property
    def count(self) -> int:
        """Number of basins."""
        return self.ends[-1]


class BasinNumbering:
    """Consecutive numbers from 1 for the basins of a specimen, in the order their minima are first met."""

    def __init__(self) -> None:
        self._count = 0
        self._minima = np.empty(0, dtype=np.int64)
        self._numbers = np.empty(0, dtype=np.uint32)

    def __len__(self) -> int:
        return self._count

    def of(self, minima: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """Numbers (n,) of the basins of `minima` (n,), sorted and distinct."""
        places = np.searchsorted(self._minima, minima)
        new = np.ones(len(minima), dtype=np.bool_)
        inner = places < len(self._minima)
        new[inner] = self._minima[places[inner]] != minima[inner]
        fresh = np.arange(self._count + 1, self._count + 1 + int(new.sum()), dtype=np.uint32)
        self._count += len(fresh)
        self._numbers = np.insert(self._numbers, places[new], fresh)
        self._minima = np.insert(self._minima, places[new], minima[new])
        numbers: npt.NDArray[np.uint32] = self._numbers[np.searchsorted(self._minima, minima)]
        return numbers

    def forget_before(self, tile: Box, shape: Index3) -> None:
        """Forget the minima that neither `tile` nor a later one, in z-major order, meets; so they stay few.

        Parameters
        ----------
        tile
            Of a specimen with the grid `shape` (z, y, x).
        """
        _, height, width = shape
        plane, row = self._minima // (height * width), self._minima // width % height
        beside = (plane >= tile.start[0] - MARGIN) & (row >= tile.start[1] - MARGIN)
        kept = beside | (plane >= tile.stop[0] - MARGIN)
        self._minima, self._numbers = self._minima[kept], self._numbers[kept]


def tiled_watershed(fallback: "MemoryFallback[SpecimenSource]", workspace: Workspace) -> Job[list[Basins]]:
    """Write basins and edge strength of every specimen; yields `Progress` of the stage ``"regions"``.

    Tiles that are in the log of `workspace` already are not computed again.
    """
    total = sum(len(_tiles(source)) for source in fallback.sources)
    started = time.monotonic()
    found: list[Basins] = []
    done = fresh = 0

    def compute(source: "SpecimenSource", blocks: Sequence[Block]) -> Job[list[TileBasins]]:
        computed = []
        for block in blocks:
            yield progress
            computed.append((yield from _tile_basins(source, block.core, scale, progress)))
        return computed

    for index, source in enumerate(fallback.sources):
        log, numbering, ends, strengths = workspace.log(f"tiles-{index}"), BasinNumbering(), [], []
        places, scale = _tiles(source), MIN_SCALE
        for noise in noise_fraction(source.specimen, source.intensity):
            yield Progress("regions", done, total)
            scale = smoothing_scale(noise)
        for number, tile in enumerate(places):
            left = (time.monotonic() - started) / fresh * (total - done) if fresh else None
            progress = Progress("regions", done, total, seconds_left=left)
            yield progress
            numbering.forget_before(tile, source.specimen.volume.shape)
            if number < len(log):
                sample, *met = log[number]
                for minima in met:
                    numbering.of(minima)
            else:
                parts = yield from fallback.run(index, [Block(tile, tile, tile)], compute)
                yield progress
                written = [_write(each, numbering, workspace, index) for part in parts for each in part]
                sample = np.concatenate([strength for _, strength in written])
                log.append(sample, *(minima for minima, _ in written))
                fresh += 1
            strengths.append(sample)
            ends.append(len(numbering))
            done += 1
        found.append(Basins(_median(strengths), tuple(places), tuple(ends)))
    return found


def _tiles(source: "SpecimenSource") -> list[Box]:
    return list(tiles(source.specimen.region, EDGES.get(source.device.type, EDGE_ELSEWHERE)))


def _tile_basins(source: "SpecimenSource", core: Box, scale: float, progress: Progress) -> Job[TileBasins]:
    """Minima int64 (z, y, x) of the voxels of `core` as indices of the whole grid, edge strength and valid voxels."""
    volume = source.specimen.volume
    axes = connected_axes(volume.voxel_size)
    z, y, x = (MARGIN * connected for connected in axes)
    around = core.grow((z, y, x)).intersect(volume.box)
    z, y, x = around.start
    here = core.shift((-z, -y, -x)).slices
    grey = volume.read(around)
    valid = valid_mask(source.specimen, core, grey[:, *here])
    scaled = torch.from_numpy(source.intensity.standardise(grey)).to(source.device)
    yield progress
    strength = edge_strength(scaled, volume.voxel_size, scale)
    yield progress
    minima = _in_grid(basins(strength, axes)[here], around, volume.shape)
    return core, minima.cpu().numpy(), strength[here].cpu().numpy(), valid


def _in_grid(indices: torch.Tensor, around: Box, shape: Index3) -> torch.Tensor:
    """Flat indices in `around` as flat indices in a grid of `shape`."""
    _, rows, columns = around.shape
    (z, y, x), (_, height, width) = around.start, shape
    plane, row, column = indices // (rows * columns), indices // columns % rows, indices % columns
    return ((plane + z) * height + row + y) * width + column + x


def _write(
    tile: TileBasins, numbering: BasinNumbering, workspace: Workspace, index: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Write the basins of a tile; returns their minima, ascending, and a sample of its edge strengths."""
    core, minima, strength, valid = tile
    distinct, inverse = np.unique(minima[valid], return_inverse=True)
    ids = np.zeros(core.shape, dtype=np.uint32)
    ids[valid] = numbering.of(distinct)[inverse]
    workspace.basins[index][core.slices] = ids
    workspace.edges[index][core.slices] = strength.astype(np.float16)
    step = max(1, int(np.prod(workspace.basins[index].shape)) // SAMPLE)
    return distinct, strength[valid][::step]


def _median(strengths: Sequence[npt.NDArray[np.float32]]) -> float:
    every = np.concatenate(strengths)
    return float(np.median(every)) if every.size else 0.0
