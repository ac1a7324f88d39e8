"""Finding regions from the volume alone: every voxel follows the weakest edge, tile by tile without seams."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.encoding.noise import FINEST, noise_share, smoothing_scale
from napari_hypseg.encoding.regions import MARGIN, edge_strength, followed_axes, roots
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.workspace import Workspace, tiles
from napari_hypseg.project.store import CHUNK
from napari_hypseg.volumes.blocks import Block
from napari_hypseg.volumes.box import Box, Index3

if TYPE_CHECKING:
    from napari_hypseg.encoding.stream import Encoder
    from napari_hypseg.pipeline.retreat import Retreat

EDGES = {"cpu": 2 * CHUNK}
"""Edge in voxels of a tile, without its margin."""
EDGE_ELSEWHERE = 4 * CHUNK
SAMPLE = 1_000_000
"""Voxels of a specimen, at most, that tell how strong its edges usually are."""

Piece: TypeAlias = tuple[Box, npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class Rooted:
    """The regions of one specimen.

    Parameters
    ----------
    usual
        How strong its edges usually are: their median.
    tiles, ends
        The pieces in which it was taken apart, and how many regions were met up to the end of each.
    """

    usual: float
    tiles: tuple[Box, ...]
    ends: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many regions there are."""
        return self.ends[-1]


class Numbering:
    """Numbers from 1 for the regions of a specimen, in the order they are met."""

    def __init__(self) -> None:
        self._roots = np.empty(0, dtype=np.int64)
        self._numbers = np.empty(0, dtype=np.uint32)

    def __len__(self) -> int:
        return len(self._roots)

    def of(self, found: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """Numbers (n,) of the regions of the sorted, different roots `found` (n,)."""
        places = np.searchsorted(self._roots, found)
        new = np.ones(len(found), dtype=np.bool_)
        inner = places < len(self)
        new[inner] = self._roots[places[inner]] != found[inner]
        fresh = np.arange(len(self) + 1, len(self) + 1 + int(new.sum()), dtype=np.uint32)
        self._numbers = np.insert(self._numbers, places[new], fresh)
        self._roots = np.insert(self._roots, places[new], found[new])
        known: npt.NDArray[np.uint32] = self._numbers[np.searchsorted(self._roots, found)]
        return known


def rooting(retreat: "Retreat", workspace: Workspace) -> Job[list[Rooted]]:
    """Write the regions and edges of every specimen; yields `Progress` of the stage ``"regions"``."""
    total = sum(len(_tiles(encoder)) for encoder in retreat.encoders)
    started = time.monotonic()
    rooted: list[Rooted] = []
    done = 0

    def look(encoder: "Encoder", blocks: Sequence[Block]) -> Job[list[Piece]]:
        pieces = []
        for block in blocks:
            yield progress
            pieces.append((yield from _found(encoder, block.core, scale, progress)))
        return pieces

    for index, encoder in enumerate(retreat.encoders):
        numbering, ends, strengths = Numbering(), [], []
        places, scale = _tiles(encoder), FINEST
        for noise in noise_share(encoder.specimen, encoder.intensity):
            yield Progress("regions", done, total)
            scale = smoothing_scale(noise)
        for tile in places:
            left = (time.monotonic() - started) / done * (total - done) if done else None
            progress = Progress("regions", done, total, seconds_left=left)
            pieces = yield from retreat.work(index, [Block(tile, tile, tile)], look)
            yield progress
            strengths += [_written(piece, numbering, workspace, index) for part in pieces for piece in part]
            ends.append(len(numbering))
            done += 1
        rooted.append(Rooted(_usual(strengths), tuple(places), tuple(ends)))
    return rooted


def _tiles(encoder: "Encoder") -> list[Box]:
    return list(tiles(encoder.specimen.region, EDGES.get(encoder.device.type, EDGE_ELSEWHERE)))


def _found(encoder: "Encoder", core: Box, scale: float, progress: Progress) -> Job[Piece]:
    """Roots int64 (z, y, x) of the voxels of `core` in the grid, their edges, and which of them count."""
    volume = encoder.specimen.volume
    axes = followed_axes(volume.voxel_size)
    z, y, x = (MARGIN * followed for followed in axes)
    around = core.grow((z, y, x)).intersect(volume.box)
    z, y, x = around.start
    here = core.shift((-z, -y, -x)).slices
    grey = volume.read(around)
    counted = encoder.specimen.inside(core) & np.isfinite(grey[:, *here]).any(axis=0)
    scaled = torch.from_numpy(encoder.intensity.standardise(grey)).to(encoder.device)
    yield progress
    strength = edge_strength(scaled, volume.voxel_size, scale)
    yield progress
    found = _in_grid(roots(strength, axes)[here], around, volume.shape)
    return core, found.cpu().numpy(), strength[here].cpu().numpy(), counted


def _in_grid(found: torch.Tensor, around: Box, shape: Index3) -> torch.Tensor:
    """Places in `around` as places in a grid of `shape`."""
    _, rows, columns = around.shape
    (z, y, x), (_, height, width) = around.start, shape
    plane, row, column = found // (rows * columns), found // columns % rows, found % columns
    return ((plane + z) * height + row + y) * width + column + x


def _written(piece: Piece, numbering: Numbering, workspace: Workspace, index: int) -> npt.NDArray[np.float32]:
    """Write what was found; returns some of the edges."""
    core, found, strength, counted = piece
    different, inverse = np.unique(found[counted], return_inverse=True)
    ids = np.zeros(core.shape, dtype=np.uint32)
    ids[counted] = numbering.of(different)[inverse]
    workspace.regions[index][core.slices] = ids
    workspace.edges[index][core.slices] = strength.astype(np.float16)
    step = max(1, int(np.prod(workspace.regions[index].shape)) // SAMPLE)
    return strength[counted][::step]


def _usual(strengths: Sequence[npt.NDArray[np.float32]]) -> float:
    every = np.concatenate(strengths)
    return float(np.median(every)) if every.size else 0.0
