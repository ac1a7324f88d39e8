"""Boxes sorted into classes by alignment, as a record like that of a spatial-VAE."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings
from napari_hypseg.particles.classes.classify import Classified
from napari_hypseg.volumes import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.inference.particle_poses import ParticlePoses
    from napari_hypseg.particles.classes.alignment.align import Alignment

MIN_BOXES = 8
"""Fewer boxes tell nothing of what they have in common."""
MOST_VOXELS = 2**27
"""Of all boxes, which are held in memory with their spectra: 3 GB."""
READ = 256
"""Boxes read at once."""
Floats = npt.NDArray[np.float32]


def align_boxes_job(boxes: LazyArray, n_classes: int, settings: AlignmentSettings) -> Job[Classified]:
    """Sort boxes (n, E, E, E) into classes and align them; yields `Progress`.

    The content of a particle is how well each of the references explains it that were begun with, in nats a frequency
    more than noise alone; its doubt is the probability of the other classes.

    Parameters
    ----------
    boxes
        Lazy array (n, E, E, E) of grey values; those that are no numbers count as the mean of their box.
    n_classes
        Number of classes.
    settings
        What was measured, and how finely boxes are compared.

    Raises
    ------
    InputError
        If there are too few boxes, they are no cubes, all flat, or more than memory is meant to hold.
    SettingError
        If there are more classes than boxes, or the mask or the resolution is too large for them.
    """
    _check(boxes.shape, n_classes, settings)
    yield Progress("prepare", 0, 1)
    from napari_hypseg.particles.classes.alignment.align import align_job
    from napari_hypseg.particles.classes.class_averages import class_averages
    from napari_hypseg.particles.classes.particle_tree import ParticleTree

    values = np.empty(boxes.shape, dtype=np.float32)
    for start in range(0, len(values), READ):
        values[start : start + READ] = _numbers(np.asarray(boxes[start : start + READ], dtype=np.float32))
        yield Progress("prepare", start, len(values))
    if not values.std(axis=(1, 2, 3)).any():
        raise InputError("All boxes are flat; cut them out of the tomogram anew.")
    found = yield from align_job(values, n_classes, settings)
    poses = _poses(found)
    averages = yield from class_averages(values, poses, found.classes)
    averages = replace(averages, averages=found.volumes[averages.classes - 1])
    tree = ParticleTree(found.hierarchy, found.leaves)
    return Classified(poses, _vectors(poses.rotations), 0.0, tree, found.classes, averages)


def _check(shape: tuple[int, ...], n_classes: int, settings: AlignmentSettings) -> None:
    if len(shape) != 4 or len(set(shape[1:])) != 1:
        raise InputError("Only boxes with three equal edges can be aligned in space; cut such boxes out.")
    n, edge = shape[0], shape[1]
    if n < MIN_BOXES:
        raise InputError(f"{n} boxes are too few to align to one another; give {MIN_BOXES} or more.")
    if np.prod(shape) > MOST_VOXELS:
        most = MOST_VOXELS // edge**3
        raise InputError(
            f"{n} boxes of {edge}³ voxels are more than fit in memory; bin them, or align {most} at a time."
        )
    if not 1 <= n_classes <= n:
        raise SettingError(f"{n} boxes cannot be sorted into {n_classes} classes; choose a number from 1 to {n}.")
    if settings.mask_radius_of(edge) > edge / 2:
        raise SettingError(
            f"A mask of radius {settings.mask_radius:g} is larger than boxes of {edge} voxels; choose at most "
            f"{edge / 2:g}, or larger boxes.",
            setting="mask_radius",
        )
    if settings.resolution_of(edge) > edge / 2:
        raise SettingError(
            f"Nothing is left of boxes of {edge} voxels at a resolution of {settings.resolution_of(edge):g} voxels; "
            f"choose at most {edge / 2:g}, or larger boxes.",
            setting="resolution",
        )


def _numbers(boxes: Floats) -> Floats:
    """Boxes (m, E, E, E) in which what is no number is the mean of the box."""
    known = np.isfinite(boxes)
    if known.all():
        return boxes
    axes = (1, 2, 3)
    total = np.where(known, boxes, 0).sum(axes, keepdims=True, dtype=np.float64)
    return np.where(known, boxes, total / np.maximum(known.sum(axes, keepdims=True), 1)).astype(np.float32)


def _poses(found: "Alignment") -> "ParticlePoses":
    """Rotations are about voxel E // 2 there, and about the middle of the grid here."""
    from napari_hypseg.inference.particle_poses import ParticlePoses

    edge = found.volumes.shape[1]
    half = edge // 2 - (edge - 1) / 2
    shifts = half - np.einsum("ni,nij->nj", half + found.offsets, found.rotations)
    scores = found.share * found.class_gains.astype(np.float64)
    chosen = np.take_along_axis(scores, found.classes[:, None] - 1, axis=1)
    doubt = 1 - 1 / np.exp(np.minimum(scores - chosen, 50)).sum(1)
    explained = np.take_along_axis(found.class_gains, found.classes[:, None] - 1, axis=1)[:, 0]
    return ParticlePoses(
        points=(found.gains / found.n_frequencies).astype(np.float32),
        rotations=found.rotations,
        shifts=shifts.astype(np.float32),
        elbo=(explained / found.n_frequencies).astype(np.float32),
        doubt=doubt.astype(np.float32),
    )


def _vectors(rotations: Floats) -> Floats:
    import torch

    from napari_hypseg.nn.spatial.rotations import vector_of_rotation

    return np.asarray(vector_of_rotation(torch.from_numpy(rotations)).numpy())
