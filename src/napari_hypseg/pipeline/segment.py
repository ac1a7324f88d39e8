"""Segmenting: a trained model, streamed over the specimens, becomes leaves and their tree."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, OutputError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.visiting import Batch, batches_of, sample_points_of, trained_encoders
from napari_hypseg.project.project import Project

if TYPE_CHECKING:
    from napari_hypseg.encoding.prototypes import Prototypes
    from napari_hypseg.encoding.stream import Encoder
    from napari_hypseg.pipeline.retreat import Retreat
    from napari_hypseg.volumes.blocks import Block

POINTS_PER_LEAF = 20
"""Points that suffice for a leaf, where a mask is so sparse or so many voxels are not finite that points are few."""


def segment(project: Project) -> Job[str]:
    """Encode every specimen of a trained project, fit the leaves, build the tree; returns its fingerprint.

    Yields `Progress` of the stages ``"sample"``, ``"cluster"``, ``"encode"`` and ``"tree"``.

    Raises
    ------
    ProjectError
        If there is no checkpoint.
    InputError
        If there are fewer voxels than leaves.
    OutputError
        If the folder is full.
    """
    yield Progress("prepare", 0, 1)
    import torch

    from napari_hypseg.encoding.prototypes import kmeans_job
    from napari_hypseg.hierarchy.build import building_hierarchy
    from napari_hypseg.pipeline.metric import metric_of
    from napari_hypseg.pipeline.retreat import Retreat

    started = time.monotonic()
    encoders = trained_encoders(project)
    manifold = encoders[0].model.manifold
    batches = yield from batches_of(encoders)
    retreat = Retreat(encoders)
    wanted = project.settings.leaves.leaves
    sample = yield from sample_points_of(retreat, batches, project.settings.training.seed, POINTS_PER_LEAF * wanted)
    if wanted > len(sample):
        raise InputError(
            f"{wanted} leaves cannot be made from {len(sample)} voxels; lower the leaves setting or widen the mask."
        )
    generator = torch.Generator().manual_seed(project.settings.training.seed)
    prototypes = yield from kmeans_job(torch.from_numpy(sample), wanted, manifold, generator)
    try:
        sizes = yield from _encode(project, retreat, batches, prototypes)
    except OSError as error:
        raise OutputError(
            f"The segmentation cannot be written to {project.path} ({error.strerror}); free space and segment again."
        ) from error
    tree = yield from building_hierarchy(prototypes.points.cpu().numpy(), sizes, metric_of(manifold))
    record = {
        "method": project.settings.method,
        "seconds": time.monotonic() - started,
        "device": retreat.device.type,
        "specimens": [record.fingerprint for record in project.records],
        "checkpoint": project.store.checkpoint_fingerprint(),
    }
    return project.store.finish_segmentation(tree, record)


def _encode(
    project: Project, retreat: "Retreat", batches: list[Batch], prototypes: "Prototypes"
) -> Job[npt.NDArray[np.int64]]:
    """Write the leaf-id volumes; returns the voxels (K,) of each leaf."""
    from napari_hypseg.encoding.stream import leaf_ids

    arrays = project.store.start_segmentation([record.shape for record in project.records])
    k = len(prototypes.points)

    def write(encoder: "Encoder", blocks: Sequence["Block"]) -> Job[npt.NDArray[np.int64]]:
        yield progress
        found = yield from leaf_ids(encoder, blocks, prototypes.points, progress)
        for block, ids in zip(blocks, found, strict=True):
            arrays[batch.specimen][block.core.slices] = ids
        return sum((np.bincount(ids.ravel(), minlength=k + 1) for ids in found), np.zeros(k + 1, dtype=np.int64))

    counts = np.zeros(k + 1, dtype=np.int64)
    started = time.monotonic()
    for done, batch in enumerate(batches):
        left = (time.monotonic() - started) / done * (len(batches) - done) if done else None
        progress = Progress("encode", done, len(batches), seconds_left=left)
        counts += sum((yield from retreat.work(batch.specimen, batch.blocks, write)))
    return counts[1:]
