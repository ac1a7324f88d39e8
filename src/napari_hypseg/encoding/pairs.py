"""Pairs of regions as single numbers, and sums over equal pairs: millions of them, a part at a time."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress

Ints = npt.NDArray[np.int64]

# Well under 0.2 s to sort.
KEYS_AT_ONCE = 1_000_000
# Keys looked at for where to cut their range into parts, for each part.
SAMPLE = 100
SHIFT = 32
UPPER = (1 << SHIFT) - 1


def pair_keys(one: Ints, other: Ints) -> Ints:
    """The lower number times 2³² plus the higher one; numbers in [0, 2³¹)."""
    return np.asarray((np.minimum(one, other) << SHIFT) + np.maximum(one, other))


def pair_ends(keys: Ints) -> tuple[Ints, Ints]:
    """Lower and higher number of each pair."""
    return keys >> SHIFT, keys & UPPER


def summing(keys: Ints, counts: Ints, progress: Progress) -> Job[tuple[Ints, Ints]]:
    """Each key once, ascending, with the sum of its counts; yields `progress` for every part of the range of keys.

    Parameters
    ----------
    keys, counts
        int64 (m,), keys >= 0 in any order.
    progress
        How far the work as a whole has come.
    """
    made = [(keys[:0], counts[:0])]
    for low, high in pairwise(_bounds(keys)):
        yield progress
        here = (keys >= low) & (keys < high)
        made.append(summed(keys[here], counts[here]))
    return np.concatenate([part for part, _ in made]), np.concatenate([sums for _, sums in made])


def summed(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """As `summing`, in one go."""
    if not len(keys):
        return keys, counts
    order = np.argsort(keys)
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(counts[order], first)


def _bounds(keys: Ints) -> Ints:
    """Ascending, the first 0 and the last above all keys; between two of them lie about `KEYS_AT_ONCE`."""
    if not len(keys):
        return keys
    parts = -(-len(keys) // KEYS_AT_ONCE)
    sample = np.sort(keys[:: -(-len(keys) // (parts * SAMPLE))])
    inner = sample[np.arange(1, parts) * len(sample) // parts]
    return np.unique(np.concatenate([[0], inner, [keys.max() + 1]]))
