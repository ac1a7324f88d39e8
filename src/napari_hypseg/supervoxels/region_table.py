"""The region of each basin, kept part by part where there are too many basins for memory."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from napari_hypseg.storage.record_log import RecordLog

Numbers = npt.NDArray[np.int64]

PART = 100_000
"""Basins of a part of a table that is written anew."""


@dataclass(eq=False)
class RegionTable:
    """Regions, from 0, of the basins of all specimens, one after the other.

    Parameters
    ----------
    log
        Where the parts are.
    mapping
        int64 (q,); what became of the regions of the parts, None if they are what they were.
    """

    log: RecordLog
    mapping: Numbers | None = None
    _ends: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, numbers: Numbers) -> "RegionTable":
        """A table in memory of the regions `numbers` (n,)."""
        table = cls(RecordLog())
        table.append(numbers)
        return table

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def append(self, numbers: Numbers) -> None:
        """Add the regions (n,), below 2³², of the next basins."""
        self.log.append(numbers.astype(np.uint32))
        self._ends.append(len(self) + len(numbers))

    def rows(self, start: int, stop: int) -> Numbers:
        """Regions int64 (n,) of the basins from `start` to `stop` − 1."""
        parts = [np.zeros(0, dtype=np.int64)]
        first = int(np.searchsorted(self._ends, start, side="right"))
        for number in range(first, len(self._ends)):
            begin = self._ends[number - 1] if number else 0
            if begin >= stop:
                break
            parts.append(self.log[number][0][max(0, start - begin) : stop - begin])
        rows = np.concatenate(parts).astype(np.int64)
        return rows if self.mapping is None else self.mapping[rows]

    def at(self, basins: Numbers) -> Numbers:
        """Regions int64 (n,) of the `basins` (n,), ascending; only the parts that these lie in are read."""
        regions = np.zeros(len(basins), dtype=np.int64)
        parts = np.searchsorted(self._ends, basins, side="right")
        for number in np.unique(parts).tolist():
            begin = self._ends[number - 1] if number else 0
            first, last = np.searchsorted(parts, [number, number + 1])
            regions[first:last] = self.log[number][0][basins[first:last] - begin]
        return regions if self.mapping is None else self.mapping[regions]

    def written(self, log: RecordLog) -> "RegionTable":
        """The same table in `log`, of which another process reads what it needs; nothing else of it is in memory."""
        table = RegionTable(log.cleared())
        for start in range(0, len(self), PART):
            table.append(self.rows(start, min(start + PART, len(self))))
        return table

    def mapped(self, numbers: Numbers) -> "RegionTable":
        """The table of merged regions: region i becomes a part of region ``numbers[i]``."""
        mapping = numbers if self.mapping is None else numbers[self.mapping]
        return replace(self, mapping=mapping)
