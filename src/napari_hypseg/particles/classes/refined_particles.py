"""Particles where and how a table of classes says that they lie: the list that averaging starts from."""

from dataclasses import replace

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.classes.box_poses import BoxPoses
from napari_hypseg.particles.orientations import from_matrices
from napari_hypseg.particles.particle_set import ParticleSet


def refined_particles(boxes: ParticleBoxes, poses: BoxPoses) -> ParticleSet:
    """The particles of `boxes` that are in a class, moved to the middle of their content and turned as it is.

    A normal says more than a turn in the plane; it stays. What the classes are is the scalar ``"class"``.

    Raises
    ------
    InputError
        If there are not as many poses as boxes, or no particle is in a class.
    """
    if len(poses) != len(boxes):
        raise InputError(
            f"The table is about {len(poses)} boxes, but there are {len(boxes)}; take the settings and particles with "
            "which the boxes were made."
        )
    kept = poses.classes > 0
    if not kept.any():
        raise InputError("No particle of the table is in a class; there is nothing to write.")
    settings, found = boxes.settings, boxes.particles.take(boxes.rows)
    grid_middle = (settings.box_size - 1) / 2 - settings.box_size // 2
    moved = (poses.centres + grid_middle - boxes.shifts) * settings.box_binning
    if poses.in_plane:
        moved[:, 0] = 0
    turned = found.orientations
    if turned is None or not poses.in_plane:
        turned = from_matrices(np.ascontiguousarray(poses.rotations[:, ::-1, ::-1]))
    others = {name: values for name, values in found.scalars.items() if name != "nearest"}
    scalars = {**others, "class": poses.classes}
    refined = replace(found, positions=found.positions + moved, orientations=turned, scalars=scalars)
    return refined.take(kept)
