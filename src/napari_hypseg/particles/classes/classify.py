"""From particles to classes: learn, infer, build the tree, cut it, average."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.jobs import Job
from napari_hypseg.methods.spatial_vae import SpatialVAESettings
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.volumes import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.inference.particle_poses import ParticlePoses
    from napari_hypseg.particles.classes.averaging import ClassAverages
    from napari_hypseg.particles.classes.particle_tree import ParticleTree

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Classified:
    """Particles that were sorted.

    Parameters
    ----------
    poses
        Content and pose of each particle.
    angles
        float32 (n, 1) or (n, 3) in radians: rotation in the plane or about an axis, or rotation vector.
    curvature
        Of the manifold that the content lies on, 0 if that is flat.
    tree
        Over their content.
    classes
        int64 (n,): class of each, from 1, the largest part of a split keeping its number.
    averages
        One a class.
    movie
        float32 (frames, *shape): what is generated along the main direction of the content; None if nothing generates.
    """

    poses: "ParticlePoses"
    angles: Floats
    curvature: float
    tree: "ParticleTree"
    classes: npt.NDArray[np.int64]
    averages: "ClassAverages"
    movie: Floats | None = None


def classify_job(
    images: LazyArray,
    n_classes: int,
    settings: SpatialVAESettings,
    training: TrainingSettings,
    path: Path | None = None,
) -> Job[Classified]:
    """Sort standardised particles (n, *shape) into classes by content.

    Parameters
    ----------
    images
        Lazy array (n, *shape), standardised.
    n_classes
        Number of classes; the tree holds every other number, too.
    settings, training
        What is learned, and for how long.
    path
        Where the model is kept; None keeps none.

    Raises
    ------
    HypsegError
        If there are too few particles, more classes than particles, or learning fails.
    """
    import torch

    from napari_hypseg.hierarchy.cuts import check_n_regions
    from napari_hypseg.inference.particle_poses import infer_poses
    from napari_hypseg.particles.classes.class_averages import class_averages
    from napari_hypseg.particles.classes.conformations import conformations
    from napari_hypseg.particles.classes.particle_model import learn_particles
    from napari_hypseg.particles.classes.particle_tree import particle_tree
    from napari_hypseg.training.device import resolve_device

    model = yield from learn_particles(images, settings, training, path)
    poses = yield from infer_poses(model, images, resolve_device(training.device))
    model.cpu()
    tree = yield from particle_tree(poses.points, model.manifold, training.seed)
    check_n_regions(tree.hierarchy, n_classes)
    if n_classes > 1 and not np.ptp(poses.points, axis=0).any():
        raise SettingError(
            "Learning ended before it came to what tells the particles apart; give it more time.", setting="minutes"
        )
    classes = tree.classes(cut_at(tree.hierarchy, n_classes))
    averages = yield from class_averages(images, poses, classes)
    angles = model.prior.space.angles(torch.from_numpy(poses.rotations)).numpy()
    movie = conformations(model, poses.points)
    return Classified(poses, angles, model.manifold.curvature, tree, classes, averages, movie)
