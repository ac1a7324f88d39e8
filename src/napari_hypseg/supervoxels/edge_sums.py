"""Sums over equal edges that are found part by part, of which no more are held than there are different ones."""

import numpy as np

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.edge_keys import Ints, sum_by_key, sum_by_key_job

EDGES_HELD = 4_000_000
"""Edges of single parts that are held before equal ones are summed."""


class EdgeSums:
    """Keys of edges with their areas, of which equal ones are summed before they are too many."""

    def __init__(self) -> None:
        none = np.zeros(0, dtype=np.int64)
        self._held, self._count, self._most = [(none, none)], 0, EDGES_HELD

    def add(self, part: tuple[Ints, Ints]) -> None:
        """Add the keys and areas int64 (m,) of some edges."""
        self._held.append(part)
        self._count += len(part[0])
        if self._count > self._most:
            self._held = [sum_by_key(*self._concatenated())]
            self._count = len(self._held[0][0])
            self._most = max(EDGES_HELD, 2 * self._count)

    def total(self, progress: Progress) -> Job[tuple[Ints, Ints]]:
        """Each key once, ascending, with its area; yields `progress`."""
        return (yield from sum_by_key_job(*self._concatenated(), progress))

    def _concatenated(self) -> tuple[Ints, Ints]:
        keys, areas = (np.concatenate(part) for part in zip(*self._held, strict=True))
        return keys, areas
