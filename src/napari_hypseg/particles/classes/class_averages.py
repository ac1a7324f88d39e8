"""Averages of the particles of a class, turned and shifted back as a spatial-VAE has found them to lie."""

from functools import partial

from napari_hypseg.errors import InputError
from napari_hypseg.inference.particle_poses import ParticlePoses, aligned_images
from napari_hypseg.jobs import Job
from napari_hypseg.particles.classes.averaging import ClassAverages, Integers, average_job
from napari_hypseg.volumes import LazyArray


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
    return (yield from average_job(partial(aligned_images, images, poses), images.shape[1:], classes))
