"""What most methods learn from: random crops of the specimens."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_hypseg.jobs import Job, Notice
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import relative_edges

if TYPE_CHECKING:
    from napari_hypseg.nn.model import DenseModel
    from napari_hypseg.training.sampler import Sampler
    from napari_hypseg.training.settings import TrainingSettings


def draw_crops(
    model: "DenseModel", specimens: Sequence[Specimen], intensities: Sequence[Intensity], settings: "TrainingSettings"
) -> Job["Sampler"]:
    """Random crops of the edge that `settings` say; yields a `Notice` for specimens that suit them badly."""
    from napari_hypseg.training.crops import CropSampler

    yield from _small_volumes(specimens, settings.crop)
    yield from _other_proportions(specimens)
    edge, vectors = _whole_cells(settings.crop, model.stride), model.batch_vectors(len(specimens))
    return CropSampler(specimens, intensities, edge, model.halo, settings.seed, vectors)


def _whole_cells(crop: int, stride: Index3) -> int:
    """The least edge of a crop, at least `crop`, that holds whole cells of the coarsest level along every axis."""
    cell = math.lcm(*stride)
    return -(-crop // cell) * cell


def _other_proportions(specimens: Sequence[Specimen]) -> Sequence[Notice]:
    """A word about specimens whose voxels have another shape than those the model is planned for."""
    first, *others = specimens
    return [
        Notice(
            f"The voxels of {other.volume.name} are not shaped like those of {first.volume.name}; what they show is "
            "compared voxel by voxel, so resample one of them if the regions do not match."
        )
        for other in others
        if not np.allclose(relative_edges(other.volume.voxel_size), relative_edges(first.volume.voxel_size), rtol=0.1)
    ]


def _small_volumes(specimens: Sequence[Specimen], crop: int) -> Sequence[Notice]:
    return [
        Notice(
            f"{specimen.volume.name} is smaller than one crop ({'×'.join(map(str, specimen.region.shape))} against "
            f"{crop} voxels); it is mirrored at its borders to learn from it."
        )
        for specimen in specimens
        if min(specimen.region.shape) < crop
    ]
