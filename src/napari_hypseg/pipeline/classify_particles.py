"""The particles that the window has found sorted into classes, as `hypseg classify` sorts a stack of boxes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field

from napari_hypseg.config_base import Config
from napari_hypseg.jobs import Job
from napari_hypseg.methods.spatial_vae import TRAINING, SpatialVAESettings
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.classes.align_boxes import align_boxes_job
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings
from napari_hypseg.particles.classes.classify import Classified, classify_job
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

SPATIAL_VAE, ALIGNMENT = "spatial-vae", "alignment"


class ClassifySettings(Config):
    """How particles are sorted, into how many classes, and how long to learn."""

    method: Literal["spatial-vae", "alignment"] = Field(
        "spatial-vae",
        title="Method",
        description=(
            "spatial-vae learns from the middle of each box, turned in its plane; alignment turns whole boxes in space "
            "onto one another, and knows what a missing wedge left out."
        ),
    )
    classes: int = Field(4, ge=1, le=256, title="Classes", description="Number of classes the particles are cut into.")
    minutes: float = Field(
        2.0,
        gt=0,
        le=1440,
        title="Time",
        description="How long the spatial-vae learns what the particles are, apart from how they lie.",
        json_schema_extra={"unit": "min"},
    )
    shift_prior: float = Field(
        1.5,
        ge=0,
        le=1000,
        title="Off the middle",
        description="How far particles lie from the middle of their boxes, about, for the spatial-vae.",
        json_schema_extra={"unit": "pixels"},
    )
    tilt_range: float = Field(
        60.0,
        gt=0,
        le=90,
        title="Tilt range",
        description="For the alignment: tilts about y reach this far to either side; 90 misses nothing.",
        json_schema_extra={"unit": "degrees"},
    )


@dataclass(frozen=True, eq=False)
class ClassifiedParticles:
    """What a gallery is told.

    Parameters
    ----------
    table
        Class, order and pose of each particle.
    movie
        float32 (frames, y, x): what the model draws along the main direction of the content; none of an alignment.
    """

    table: SortedParticles
    movie: npt.NDArray[np.float32]


def classify_particles_job(
    project: Project, choice: ParticleChoice, edge: int, settings: ClassifySettings, **training: Any
) -> Job[ClassifiedParticles]:
    """Sort the particles of a choice that are no junk and whose box is whole.

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
    counted = yield from choice_job(project, choice)
    record = project.specimen_record(choice.specimen)
    channel = open_specimen(project.path, record).volume.channels[0]
    boxes = ParticleBoxes(counted.particles, channel, BoxSettings(box_size=edge))
    return (yield from CLASSIFIERS[settings.method](boxes, edge, settings, training))


def _learn_job(
    boxes: ParticleBoxes, edge: int, settings: ClassifySettings, training: Mapping[str, Any]
) -> Job[ClassifiedParticles]:
    """From the mean of the sections in the middle of each box, as the gallery shows them."""
    images = StandardisedImages(BoxProjections(boxes, slab=max(1, edge // SLAB_SHARE)))
    model = SpatialVAESettings(shift_prior=settings.shift_prior)
    limits = TrainingSettings.check({**TRAINING, "minutes": settings.minutes, **training})
    found = yield from classify_job(images, settings.classes, model, limits)
    turns = found.poses.rotations[:, 0]
    angles = np.degrees(np.arctan2(turns[:, 1], turns[:, 0])).astype(np.float64)
    table = SortedParticles(_ranks(found), angles, found.poses.centres.astype(np.float64), _content(found))
    return ClassifiedParticles(table, _no_movie(edge) if found.movie is None else found.movie)


def _align_job(
    boxes: ParticleBoxes, edge: int, settings: ClassifySettings, training: Mapping[str, Any]
) -> Job[ClassifiedParticles]:
    """From whole boxes; how they lie in space, the pictures of a gallery cannot be turned back by."""
    alignment = AlignmentSettings(tilt_range=settings.tilt_range, seed=int(training.get("seed", 0)))
    found = yield from align_boxes_job(boxes, settings.classes, alignment)
    return ClassifiedParticles(SortedParticles(_ranks(found), content=_content(found)), _no_movie(edge))


Classifier: TypeAlias = Callable[
    [ParticleBoxes, int, ClassifySettings, Mapping[str, Any]], Job[ClassifiedParticles]
]  # fmt: skip
CLASSIFIERS: Mapping[str, Classifier] = MappingProxyType({SPATIAL_VAE: _learn_job, ALIGNMENT: _align_job})
"""Ways to sort, by their names in the settings."""


def _ranks(found: "Classified") -> ParticleRanks:
    return ParticleRanks(found.tree.order(), found.classes, found.poses.doubt, found.poses.elbo)


def _content(found: "Classified") -> ParticleContent:
    return ParticleContent(found.poses.points, found.curvature)


def _no_movie(edge: int) -> npt.NDArray[np.float32]:
    return np.zeros((0, edge, edge), dtype=np.float32)
