"""The particles that the window has found sorted into classes, as `hypseg classify` sorts a stack of boxes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from napari_hypseg.config_base import Config
from napari_hypseg.jobs import Job
from napari_hypseg.methods.spatial_vae import TRAINING, SpatialVAESettings
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.classes.classify import classify_job
from napari_hypseg.particles.classes.gallery_order import ParticleRanks
from napari_hypseg.particles.classes.particle_content import ParticleContent
from napari_hypseg.particles.classes.projections import BoxProjections
from napari_hypseg.particles.classes.sorted_particles import SortedParticles
from napari_hypseg.particles.classes.standardised_images import StandardisedImages
from napari_hypseg.particles.gallery_slices import SLAB_SHARE
from napari_hypseg.pipeline.preview_particles import ParticleChoice, choice_job
from napari_hypseg.project.project import Project
from napari_hypseg.project.sources import open_specimen
from napari_hypseg.training.settings import TrainingSettings

if TYPE_CHECKING:
    from napari_hypseg.particles.classes.classify import Classified


class ClassifySettings(Config):
    """How many classes, and how long to learn."""

    classes: int = Field(4, ge=1, le=256, title="Classes", description="Number of classes the particles are cut into.")
    minutes: float = Field(
        2.0,
        gt=0,
        le=1440,
        title="Time",
        description="How long to learn what the particles are, apart from how they lie.",
        json_schema_extra={"unit": "min"},
    )
    shift_prior: float = Field(
        1.5,
        ge=0,
        le=1000,
        title="Off the middle",
        description="How far particles lie from the middle of their boxes, about.",
        json_schema_extra={"unit": "pixels"},
    )


@dataclass(frozen=True, eq=False)
class ClassifiedParticles:
    """What a gallery is told.

    Parameters
    ----------
    table
        Class, order and pose of each particle.
    movie
        float32 (frames, y, x): what the model draws along the main direction of the content.
    """

    table: SortedParticles
    movie: npt.NDArray[np.float32]


def classify_particles_job(
    project: Project, choice: ParticleChoice, edge: int, settings: ClassifySettings, **training: Any
) -> Job[ClassifiedParticles]:
    """Sort the particles of a choice that are no junk and whose box is whole, by the middle of their boxes.

    Parameters
    ----------
    project
        Where they are found.
    choice
        Which they are.
    edge
        Of a box in voxels.
    settings
        How many classes, and how long to learn.
    **training
        More `TrainingSettings`.

    Raises
    ------
    HypsegError
        If there are too few, or a setting cannot be so.
    """
    from napari_hypseg.particles.classes.conformations import conformations

    counted = yield from choice_job(project, choice)
    record = project.specimen_record(choice.specimen)
    channel = open_specimen(project.path, record).volume.channels[0]
    boxes = ParticleBoxes(counted.particles, channel, BoxSettings(box_size=edge))
    images = StandardisedImages(BoxProjections(boxes, slab=max(1, edge // SLAB_SHARE)))
    model = SpatialVAESettings(shift_prior=settings.shift_prior)
    limits = TrainingSettings.check({**TRAINING, "minutes": settings.minutes, **training})
    found = yield from classify_job(images, settings.classes, model, limits)
    return ClassifiedParticles(_sorted(found), conformations(found.model, found.poses.points))


def _sorted(found: "Classified") -> SortedParticles:
    """What a gallery needs to know."""
    poses = found.poses
    ranks = ParticleRanks(found.tree.order(), found.classes, poses.doubt, poses.elbo)
    angles = np.degrees(np.arctan2(poses.rotations[:, 0, 1], poses.rotations[:, 0, 0])).astype(np.float64)
    content = ParticleContent(poses.points, found.model.manifold.curvature)
    return SortedParticles(ranks, angles, poses.centres.astype(np.float64), content)
