"""Watershed of whole specimens, tile by tile with a margin, so that basins have no seams and no volume is in memory."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.storage.record_log import RecordLog
from napari_hypseg.supervoxels.basin_numbering import BasinNumbering
from napari_hypseg.supervoxels.noise_level import MIN_SCALE, noise_fraction, smoothing_scale
from napari_hypseg.supervoxels.tile_basins import TileBasins, tile_basins
from napari_hypseg.supervoxels.workspace import CHUNK, Workspace, tiles
from napari_hypseg.volumes.blocks import Block
from napari_hypseg.volumes.box import Box

if TYPE_CHECKING:
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import SpecimenSource

EDGES = {"cpu": 2 * CHUNK}
"""Edge in voxels of a tile, without its margin."""
EDGE_ELSEWHERE = 4 * CHUNK


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


@dataclass(eq=False)
class _Numbered:
    """The tiles of a specimen whose basins have been numbered, in z-major order."""

    places: Sequence[Box]
    log: RecordLog
    numbering: BasinNumbering
    ends: list[int] = field(default_factory=list)
    strengths: list[npt.NDArray[np.float32]] = field(default_factory=list)

    def take_logged(self) -> None:
        """Number the basins of the tiles in the log, which are written already."""
        for number in range(len(self.log)):
            sample, *met = self.log[number]
            self.numbering.forget_before(self.places[number])
            for minima in met:
                self.numbering.of(minima)
            self._add([sample])

    def take(self, found: Sequence[TileBasins], workspace: Workspace, index: int) -> None:
        """Number and write the basins of the next tile, of which there are several parts if memory was short."""
        self.numbering.forget_before(self.places[len(self.ends)])
        for part in found:
            numbers = self.numbering.of(part.minima)
            _write(part, np.concatenate([np.zeros(1, np.uint32), numbers]), workspace, index)
        strengths = [part.strengths for part in found]
        self.log.append(np.concatenate(strengths), *(part.minima for part in found))
        self._add(strengths)

    def basins(self) -> Basins:
        """All of them, when all tiles have been taken."""
        return Basins(_median(self.strengths), tuple(self.places), tuple(self.ends))

    def _add(self, strengths: Sequence[npt.NDArray[np.float32]]) -> None:
        self.ends.append(len(self.numbering))
        self.strengths.extend(strengths)


def tiled_watershed(fallback: "MemoryFallback[SpecimenSource]", workspace: Workspace) -> Job[list[Basins]]:
    """Write basins, cells and edge strength of every specimen; yields `Progress` of the stage ``"regions"``.

    Tiles that are in the log of `workspace` already are not computed again.
    """
    edge = _edge(fallback.sources[0])
    found = []
    for index, source in enumerate(fallback.sources):
        numbering = BasinNumbering(source.specimen.volume.shape, edge)
        places = list(tiles(source.specimen.region, edge))
        found.append(_Numbered(places, workspace.log(f"tiles-{index}"), numbering))
        found[-1].take_logged()
    before, total = sum(len(each.ends) for each in found), sum(len(each.places) for each in found)
    scales = yield from _smoothing_scales(fallback.sources, Progress("regions", before, total))
    started = time.monotonic()

    def take(index: int, parts: Sequence[TileBasins]) -> None:
        found[index].take(parts, workspace, index)

    def progress(done: int) -> Progress:
        left = (time.monotonic() - started) / done * (total - before - done) if done else None
        return Progress("regions", before + done, total, seconds_left=left)

    left = [(index, tile) for index, each in enumerate(found) for tile in islice(each.places, len(each.ends), None)]
    plan = [(index, Block(tile, tile, tile)) for index, tile in left]
    yield from fallback.map(plan, partial(_tile_basins, tuple(scales)), take, progress)
    return [each.basins() for each in found]


def _tile_basins(scales: Sequence[float], source: "SpecimenSource", index: int, block: Block) -> TileBasins:
    """The basins of a tile of specimen number `index`; a function of plain data, which may run in any process."""
    return tile_basins(source, block.core, scales[index])


def _smoothing_scales(sources: "Sequence[SpecimenSource]", progress: Progress) -> Job[list[float]]:
    """How far the noise of each specimen is smoothed."""
    scales = []
    for source in sources:
        scale = MIN_SCALE
        for noise in noise_fraction(source.specimen, source.intensity):
            yield progress
            scale = smoothing_scale(noise)
        scales.append(scale)
    return scales


def _edge(source: "SpecimenSource") -> int:
    return EDGES.get(source.device.type, EDGE_ELSEWHERE)


def _write(tile: TileBasins, table: npt.NDArray[np.uint32], workspace: Workspace, index: int) -> None:
    """Write the basins of a tile, whose numbers `table` (n + 1,) gives."""
    workspace.basins[index][tile.core.slices] = table[tile.ids]
    workspace.edges[index][tile.cells.slices] = tile.edges
    if workspace.cells[index] is not workspace.basins[index]:
        workspace.cells[index][tile.cells.slices] = table[tile.cell_ids]


def _median(strengths: Sequence[npt.NDArray[np.float32]]) -> float:
    every = np.concatenate(strengths)
    return float(np.median(every)) if every.size else 0.0
