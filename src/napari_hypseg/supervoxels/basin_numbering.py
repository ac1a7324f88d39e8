"""Numbers for basins that are met tile by tile, those on the border of tiles more than once."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.supervoxels.watershed import MARGIN
from napari_hypseg.volumes.box import Box, Index3

Minima = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]
NO_TABLE: tuple[Minima, Numbers] = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint32))


class BasinNumbering:
    """Consecutive numbers from 1 for the basins of a specimen, in the order their minima are first met.

    The minima are kept by the tile they lie in, so that the time for a tile does not grow with the volume.

    Parameters
    ----------
    shape
        Of the grid (z, y, x).
    edge
        Of a tile.
    """

    def __init__(self, shape: Index3, edge: int) -> None:
        self._shape, self._edge = shape, edge
        self._counts = tuple(-(-n // edge) for n in shape)
        self._tables: dict[int, tuple[Minima, Numbers]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def of(self, minima: Minima) -> Numbers:
        """Numbers (n,) of the basins of a tile by their `minima` (n,), flat indices, sorted and distinct."""
        tiles = self._tiles(minima)
        order = np.argsort(tiles, kind="stable")
        present, starts = np.unique(tiles[order], return_index=True)
        groups = list(zip(present.tolist(), np.split(order, starts[1:]), strict=True)) if len(minima) else []
        numbers = np.zeros(len(minima), dtype=np.uint32)
        for tile, rows in groups:
            numbers[rows] = _look_up(*self._tables.get(tile, NO_TABLE), minima[rows])
        new = numbers == 0
        numbers[new] = np.arange(self._count + 1, self._count + 1 + int(new.sum()), dtype=np.uint32)
        self._count += int(new.sum())
        for tile, rows in groups:
            self._add(tile, minima[rows[new[rows]]], numbers[rows[new[rows]]])
        return numbers

    def _tiles(self, minima: Minima) -> Minima:
        """The tile each minimum lies in, z-major."""
        places = np.unravel_index(minima, self._shape)
        z, y, x = (place // self._edge for place in places)
        return np.ravel_multi_index((z, y, x), self._counts)

    def _add(self, tile: int, minima: Minima, numbers: Numbers) -> None:
        known, theirs = self._tables.get(tile, NO_TABLE)
        places = np.searchsorted(known, minima)
        self._tables[tile] = np.insert(known, places, minima), np.insert(theirs, places, numbers)

    def forget_before(self, tile: Box) -> None:
        """Forget the minima that neither `tile` nor a later one, in z-major order, meets; so they stay few."""
        _, rows, columns = self._counts
        for key in list(self._tables):
            plane, row = (1 + key // (rows * columns)) * self._edge, (1 + key // columns % rows) * self._edge
            above, behind = plane <= tile.start[0] - MARGIN, row <= tile.start[1] - MARGIN
            if above or (behind and plane <= tile.stop[0] - MARGIN):
                del self._tables[key]


def _look_up(known: Minima, numbers: Numbers, minima: Minima) -> Numbers:
    """The number of each minimum, 0 of those that are not known."""
    places = np.searchsorted(known, minima)
    found = np.zeros(len(minima), dtype=np.uint32)
    inner = places < len(known)
    places = places[inner]
    found[inner] = np.where(known[places] == minima[inner], numbers[places], 0)
    return found
