"""Descriptors of the leaves of a segmentation, for one that an earlier version made without them."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import Job
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Segmentation


def describe(project: Project) -> Job[npt.NDArray[np.float32]]:
    """Looks of the leaves at several widths, float32 (K, F): the stored ones, or computed from the volumes.

    Those that are computed are not stored: a finished segmentation is not written to. Yields `Progress` of the stage
    ``"describe"``.

    Raises
    ------
    ProjectError
        If there is no segmentation, or a source is missing.
    """
    segmentation = project.segmentation
    if segmentation is None:
        raise ProjectError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    stored = _stored(segmentation)
    return (yield from _computed(project, segmentation)) if stored is None else stored


def _stored(segmentation: Segmentation) -> npt.NDArray[np.float32] | None:
    """Those on disk; None if there are none, or they are damaged: they can be had from the volumes."""
    try:
        return segmentation.descriptors
    except ProjectError:
        return None


def _computed(project: Project, segmentation: Segmentation) -> Job[npt.NDArray[np.float32]]:
    from napari_hypseg.inference.grey_source import GreySource
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.pipeline.trained_encoders import trained_intensities
    from napari_hypseg.supervoxels.region_descriptors import region_descriptors
    from napari_hypseg.training.checkpoint import load_checkpoint
    from napari_hypseg.volumes.intensity import measure_intensity

    specimens = project.specimens
    if project.has_checkpoint:
        intensities = trained_intensities(specimens, load_checkpoint(project.store.checkpoint_file))
    else:
        intensities = [measure_intensity(specimen) for specimen in specimens]
    leaves, n_leaves = segmentation.leaves, segmentation.hierarchy.n_leaves
    sources = [GreySource(*both) for both in zip(specimens, intensities, strict=True)]
    return (yield from region_descriptors(MemoryFallback(sources), leaves, n_leaves))
