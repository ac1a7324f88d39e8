"""Segmenting: a trained model, streamed over the specimens, becomes leaves and their tree."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, OutputError, ProjectError
from napari_hypseg.jobs import Job, Progress, quietly
from napari_hypseg.pipeline.prepare import build_model, measure
from napari_hypseg.project.project import Project

if TYPE_CHECKING:
    from napari_hypseg.encoding.prototypes import Prototypes
    from napari_hypseg.encoding.stream import Encoder
    from napari_hypseg.pipeline.retreat import Retreat
    from napari_hypseg.volumes.blocks import Block

SAMPLE = 200_000
"""Points kept to fit the prototypes: enough for hundreds of leaves, small enough to hold."""
SAMPLE_BATCHES = 32
"""Batches of blocks the sample is drawn from; of more if it is too small then."""
POINTS_PER_LEAF = 20
"""Points that suffice for a leaf, where a mask is so sparse or so many voxels are not finite that points are few."""


@dataclass(frozen=True)
class Batch:
    """Blocks of one shape, to be encoded together: those of specimen number `specimen`, where `count` voxels count."""

    specimen: int
    blocks: "list[Block]"
    count: int


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
    encoders = _encoders(project)
    manifold = encoders[0].model.manifold
    batches = yield from _batches(encoders)
    retreat = Retreat(encoders)
    wanted = project.settings.leaves.leaves
    sample = yield from _sample(retreat, batches, project.settings.training.seed, wanted)
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
    }
    return project.store.finish_segmentation(tree, record)


def _encoders(project: Project) -> list["Encoder"]:
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
    intensities = quietly(measure(project))  # what looks wrong was said before learning
    return [
        Encoder(model, specimen, intensity, device)
        for specimen, intensity in zip(project.specimens, intensities, strict=True)
    ]


def _batches(encoders: Sequence["Encoder"]) -> Job[list[Batch]]:
    """All blocks of all specimens in batches, those left out in which nothing counts."""
    from napari_hypseg.encoding.stream import BATCH

    batches: list[Batch] = []
    for index, encoder in enumerate(encoders):
        found: list[tuple[Block, int]] = []
        for block in encoder.blocks():
            yield Progress("prepare", 0, 1)  # a mask is read block by block
            count = int(encoder.specimen.inside(block.core).sum())
            found += [(block, count)] if count else []
        for part in (found[i : i + BATCH] for i in range(0, len(found), BATCH)):
            batches.append(Batch(index, [block for block, _ in part], sum(count for _, count in part)))
    return batches


def _sample(retreat: "Retreat", batches: list[Batch], seed: int, leaves: int) -> Job[npt.NDArray[np.float32]]:
    """Points (n, d) of random voxels of random blocks of all specimens; of more blocks if few voxels count in them."""
    from napari_hypseg.encoding.stream import sample_points

    random = np.random.default_rng(seed)
    order = random.permutation(len(batches))
    share = min(1.0, SAMPLE / sum(batches[i].count for i in order[:SAMPLE_BATCHES]))

    def draw(encoder: "Encoder", blocks: Sequence["Block"]) -> Job[npt.NDArray[np.float32]]:
        yield progress
        return sample_points(encoder, blocks, share, random)

    parts: list[npt.NDArray[np.float32]] = []
    for done, i in enumerate(order):
        if done >= SAMPLE_BATCHES and sum(map(len, parts)) >= min(SAMPLE, POINTS_PER_LEAF * leaves):
            break
        progress = Progress("sample", done, max(done + 1, min(len(order), SAMPLE_BATCHES)))
        parts += yield from retreat.work(batches[i].specimen, batches[i].blocks, draw)
    return np.concatenate(parts)


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
