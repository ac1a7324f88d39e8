"""Groups of neighbouring tiles whose basins are merged before those of all tiles are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from napari_hypseg.supervoxels.tiled_watershed import EDGE_ELSEWHERE, EDGES, Basins
from napari_hypseg.supervoxels.watershed import MARGIN
from napari_hypseg.volumes.box import Box

GROUP = 100_000
"""Basins of a group, about."""
REACH = max(*EDGES.values(), EDGE_ELSEWHERE) + 2 * MARGIN
"""Voxels that a basin may reach beyond the tiles in which it was met first: into their neighbours."""


@dataclass(frozen=True)
class TileGroup:
    """Consecutive tiles of a specimen.

    Parameters
    ----------
    tiles
        Numbers of the tiles.
    start, stop
        The basins that were met first in these tiles: `start` to `stop` − 1, counted from 0.
    near
        Where all voxels of these basins lie.
    """

    tiles: range
    start: int
    stop: int
    near: Box


def tile_groups(found: Basins) -> Iterator[TileGroup]:
    """Consecutive tiles of one row of tiles or several, with at most `GROUP` basins, or one tile."""
    first = start = before = 0
    for number, (tile, end) in enumerate(zip(found.tiles, found.ends, strict=True)):
        if before > start and (end - start > GROUP or tile.start[0] != found.tiles[first].start[0]):
            yield _group(found, range(first, number), start, before)
            first, start = number, before
        before = end
    if before > start:
        yield _group(found, range(first, len(found.tiles)), start, before)


def _group(found: Basins, tiles: range, start: int, stop: int) -> TileGroup:
    return TileGroup(tiles, start, stop, _bounding_box(found.tiles[tiles.start : tiles.stop]).grow((REACH,) * 3))


def _bounding_box(boxes: Sequence[Box]) -> Box:
    z, y, x = (min(box.start[axis] for box in boxes) for axis in range(3))
    z1, y1, x1 = (max(box.stop[axis] for box in boxes) for axis in range(3))
    return Box((z, y, x), (z1, y1, x1))
