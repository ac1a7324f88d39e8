"""Segmenting: a trained model, streamed over the specimens, becomes leaves and their tree."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, OutputError, ProjectError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.prepare import build_model, measure
from napari_hypseg.project.project import Project

if TYPE_CHECKING:
    from napari_hypseg.encoding.prototypes import Prototypes
    from napari_hypseg.encoding.stream import Encoder
    from napari_hypseg.volumes.blocks import Block

SAMPLE = 200_000
"""Points kept to fit the prototypes: enough for hundreds of leaves, small enough to hold."""
SAMPLE_BATCHES = 32
"""Batches of blocks the sample is drawn from, at most."""


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

    started = time.monotonic()
    encoders = yield from _encoders(project)
    manifold = encoders[0].model.manifold
    batches = _batches(encoders)
    sample = yield from _sample(encoders, batches, project.settings.training.seed)
    wanted = project.settings.leaves.leaves
    if wanted > len(sample):
        raise InputError(
            f"{wanted} leaves cannot be made from {len(sample)} voxels; lower the leaves setting or widen the mask."
        )
    generator = torch.Generator().manual_seed(project.settings.training.seed)
    prototypes = yield from kmeans_job(torch.from_numpy(sample), wanted, manifold, generator)
    try:
        sizes = yield from _encode(project, encoders, batches, prototypes)
    except OSError as error:
        raise OutputError(
            f"The segmentation cannot be written to {project.path} ({error.strerror}); free space and segment again."
        ) from error
    tree = yield from building_hierarchy(prototypes.points.cpu().numpy(), sizes, metric_of(manifold))
    record = {
        "method": project.settings.method,
        "seconds": time.monotonic() - started,
        "device": encoders[0].device.type,
        "specimens": [record.fingerprint for record in project.records],
    }
    return project.store.finish_segmentation(tree, record)


def _encoders(project: Project) -> Job[list["Encoder"]]:
    from napari_hypseg.encoding.stream import Encoder
    from napari_hypseg.training.checkpoint import load_checkpoint, restore
    from napari_hypseg.training.device import resolve_device

    if not project.has_checkpoint:
        raise ProjectError(f"{project.path.name} has no trained model yet; train it first.")
    checkpoint = load_checkpoint(project.store.checkpoint_file)
    model = build_model(checkpoint.recipe)
    restore(model, checkpoint)
    device = resolve_device(project.settings.training.device)
    model.to(device).eval()
    intensities = yield from measure(project)
    return [
        Encoder(model, specimen, intensity, device)
        for specimen, intensity in zip(project.specimens, intensities, strict=True)
    ]


def _batches(encoders: Sequence["Encoder"]) -> list[tuple[int, list["Block"]]]:
    """All blocks of all specimens in batches, each with the number of its specimen; empty ones left out."""
    from napari_hypseg.encoding.stream import BATCH

    batches = []
    for index, encoder in enumerate(encoders):
        blocks = [block for block in encoder.blocks() if encoder.specimen.inside(block.core).any()]
        batches += [(index, blocks[i : i + BATCH]) for i in range(0, len(blocks), BATCH)]
    return batches


def _sample(
    encoders: Sequence["Encoder"], batches: list[tuple[int, list["Block"]]], seed: int
) -> Job[npt.NDArray[np.float32]]:
    """Points (n, d) of random voxels of random blocks of all specimens."""
    from napari_hypseg.encoding.stream import sample_points

    random = np.random.default_rng(seed)
    chosen = random.permutation(len(batches))[:SAMPLE_BATCHES]
    quota = -(-SAMPLE // sum(len(batches[i][1]) for i in chosen))
    parts = []
    for done, i in enumerate(chosen):
        yield Progress("sample", done, len(chosen))
        index, blocks = batches[i]
        parts.append(sample_points(encoders[index], blocks, quota, random))
    return np.concatenate(parts)


def _encode(
    project: Project, encoders: Sequence["Encoder"], batches: list[tuple[int, list["Block"]]], prototypes: "Prototypes"
) -> Job[npt.NDArray[np.int64]]:
    """Write the leaf-id volumes; returns the voxels (K,) of each leaf."""
    from napari_hypseg.encoding.prototypes import assign
    from napari_hypseg.encoding.stream import leaf_ids

    points = prototypes.points.to(encoders[0].device)
    manifold = encoders[0].model.manifold
    arrays = project.store.start_segmentation([record.shape for record in project.records])
    counts = np.zeros(len(points) + 1, dtype=np.int64)
    started = time.monotonic()
    for done, (index, blocks) in enumerate(batches):
        left = (time.monotonic() - started) / done * (len(batches) - done) if done else None
        yield Progress("encode", done, len(batches), seconds_left=left)
        found = leaf_ids(encoders[index], blocks, lambda batch: assign(batch, points, manifold))
        for block, ids in zip(blocks, found, strict=True):
            arrays[index][block.core.slices] = ids
            counts += np.bincount(ids.ravel(), minlength=len(counts))
    return counts[1:]
