"""Averages of the particles of a class, turned and shifted back."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.inference.particle_poses import ParticlePoses, aligned_images
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import LazyArray

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


def class_averages(images: LazyArray, poses: ParticlePoses, classes: Integers) -> Job[ClassAverages]:
    """Average the aligned particles of every class; yields ``Progress("average", done, n)``.

    Parameters
    ----------
    images
        Lazy array (n, *shape).
    poses
        Of the particles.
    classes
        int64 (n,): class of each particle; those of class 0, as junk, are left out.

    Raises
    ------
    InputError
        If no particle is in a class, or there are not as many classes as particles.
    """
    if len(classes) != images.shape[0]:
        raise InputError(f"There are {images.shape[0]} particles but {len(classes)} classes; sort the particles again.")
    rows = np.flatnonzero(classes)
    if not len(rows):
        raise InputError("No particle is in a class; there is nothing to average.")
    numbers, place = np.unique(classes[rows], return_inverse=True)
    sums = np.zeros((2, len(numbers), *images.shape[1:]))
    size = max(1, BATCH_VALUES // int(np.prod(images.shape[1:])))
    for start in range(0, len(rows), size):
        batch = slice(start, start + size)
        aligned = aligned_images(images, poses, rows[batch]).astype(np.float64)
        np.add.at(sums[0], place[batch], aligned)
        np.add.at(sums[1], place[batch], aligned**2)
        yield Progress("average", min(len(rows), start + size), len(rows))
    counts = np.bincount(place)
    means, squares = sums / counts.reshape(-1, *(1,) * (len(images.shape) - 1))
    deviations = np.sqrt(np.maximum(squares - means**2, 0))
    return ClassAverages(numbers, counts, means.astype(np.float32), deviations.astype(np.float32))
