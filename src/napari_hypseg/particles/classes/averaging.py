"""Averages of images class by class, whatever they are read and aligned by, a batch at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Job, Progress

BATCH_VALUES = 2**21
"""Values read at once: 8 MB."""
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ClassAverages:
    """One average a class.

    Parameters
    ----------
    classes
        int64 (k,): numbers of the classes, ascending.
    counts
        int64 (k,): particles of each.
    averages
        float32 (k, *shape).
    deviations
        float32 (k, *shape): standard deviation of the particles of the class at each pixel.
    """

    classes: Integers
    counts: Integers
    averages: Floats
    deviations: Floats


def average_job(
    read: Callable[[Integers], Floats], shape: tuple[int, ...], classes: Integers, batch_values: int | None = None
) -> Job[ClassAverages]:
    """Average images class by class; yields ``Progress("average", done, n)``.

    Parameters
    ----------
    read
        Gives the images (m, *shape) at some places (m,).
    shape
        Of an image.
    classes
        int64 (n,): class of each image; those of class 0, as junk, are left out.
    batch_values
        Values that are read at once, None for `BATCH_VALUES`.

    Raises
    ------
    InputError
        If no image is in a class.
    """
    rows = np.flatnonzero(classes)
    if not len(rows):
        raise InputError("No particle is in a class; there is nothing to average.")
    numbers, place = np.unique(classes[rows], return_inverse=True)
    sums = np.zeros((2, len(numbers), *shape))
    size = max(1, (batch_values or BATCH_VALUES) // int(np.prod(shape)))
    for start in range(0, len(rows), size):
        batch = slice(start, start + size)
        images = read(rows[batch]).astype(np.float64)
        np.add.at(sums[0], place[batch], images)
        np.add.at(sums[1], place[batch], images**2)
        yield Progress("average", min(len(rows), start + size), len(rows))
    counts = np.bincount(place)
    means, squares = sums / counts.reshape(-1, *(1,) * len(shape))
    deviations = np.sqrt(np.maximum(squares - means**2, 0))
    return ClassAverages(numbers, counts, means.astype(np.float32), deviations.astype(np.float32))
