"""The connected pieces of leaves and which of them touch: what a person takes one by one where a leaf is too much."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_array, csr_array

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CORNERS = np.ones((3, 3, 3), dtype=bool)
"""Voxels that share a corner are of one piece, as in the window."""
FORWARD = [step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]
"""One of each pair of opposite directions to the 26 neighbours of a voxel."""


@dataclass(frozen=True, eq=False)
class LeafPieces:
    """The p pieces of K leaves.

    Parameters
    ----------
    ids
        int32 (z, y, x): piece of each voxel, −1 outside of all leaves.
    leaves
        int64 (p,): the leaf of each, 0 … K−1.
    touching
        bool (p, p), sparse and symmetric: which pieces touch.
    """

    ids: npt.NDArray[np.int32]
    leaves: Ints
    touching: "csr_array[Any, Any]"

    @classmethod
    def of(cls, leaf_ids: npt.NDArray[np.integer[Any]]) -> "LeafPieces":
        """From leaf ids (z, y, x), 0 outside, leaf *i* is *i* + 1."""
        ids = np.full(leaf_ids.shape, -1, dtype=np.int32)
        owners, count = list[int](), 0
        for leaf, box in enumerate(ndimage.find_objects(leaf_ids.astype(np.int32))):
            if box is None:
                continue
            labels, found = ndimage.label(leaf_ids[box] == leaf + 1, CORNERS)
            inside = labels > 0
            ids[box][inside] = labels[inside] - 1 + count
            owners += [leaf] * found
            count += found
        return cls(ids, np.array(owners, dtype=np.int64), _touching(ids, count))

    def count(self, mask: Mask) -> Ints:
        """Voxels (p,) of each piece in a mask (z, y, x)."""
        return np.bincount(self.ids[mask & (self.ids >= 0)], minlength=len(self.leaves))

    def grown(self, start: Mask, allowed: Mask) -> Mask:
        """All pieces (p,) that hang together with those in `start` through `allowed` ones."""
        reached, fresh = start.copy(), np.flatnonzero(start)
        while len(fresh):
            near = self.touching[fresh].indices
            fresh = np.unique(near[allowed[near] & ~reached[near]])
            reached[fresh] = True
        return reached


def _touching(ids: npt.NDArray[np.int32], count: int) -> "csr_array[Any, Any]":
    pairs = [_pairs(ids, step) for step in FORWARD]
    first, second = np.unique(np.concatenate(pairs), axis=0).T
    ends = np.concatenate([first, second]), np.concatenate([second, first])
    return coo_array((np.ones(len(ends[0]), dtype=bool), ends), shape=(count, count)).tocsr()


def _pairs(ids: npt.NDArray[np.int32], step: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """Different pieces (n, 2) of voxels a step apart, each pair once."""
    here = ids[tuple(slice(max(-move, 0), size - max(move, 0)) for move, size in zip(step, ids.shape, strict=True))]
    there = ids[tuple(slice(max(move, 0), size - max(-move, 0)) for move, size in zip(step, ids.shape, strict=True))]
    differ = (here != there) & (here >= 0) & (there >= 0)
    found = np.sort(np.stack([here[differ], there[differ]], axis=1), axis=1)
    return np.unique(found, axis=0)
