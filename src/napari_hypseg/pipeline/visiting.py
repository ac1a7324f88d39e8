"""Visiting a trained project: its encoders, its blocks in batches, and a sample of points of all its specimens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import Job, Progress, quietly
from napari_hypseg.pipeline.prepare import build_model, measure
from napari_hypseg.project.project import Project

if TYPE_CHECKING:
    from napari_hypseg.encoding.stream import Encoder
    from napari_hypseg.pipeline.retreat import Retreat
    from napari_hypseg.volumes.blocks import Block

SAMPLE = 200_000
"""Points kept to look at what all of them are like: small enough to hold."""
SAMPLE_BATCHES = 32
"""Batches of blocks the sample is drawn from; of more if it is too small then."""


@dataclass(frozen=True)
class Batch:
    """Blocks of one shape, to be encoded together: those of specimen number `specimen`, where `count` voxels count."""

    specimen: int
    blocks: "list[Block]"
    count: int


def trained_encoders(project: Project) -> list["Encoder"]:
    """An encoder for each specimen, all with the model of the project's checkpoint.

    Raises
    ------
    ProjectError
        If there is no checkpoint.
    """
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


def batches_of(encoders: Sequence["Encoder"]) -> Job[list[Batch]]:
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


def sample_points_of(retreat: "Retreat", batches: Sequence[Batch], seed: int) -> Job[npt.NDArray[np.float32]]:
    """Some `SAMPLE` points (n, d) of random voxels of random blocks of all specimens; more blocks if few count."""
    from napari_hypseg.encoding.stream import sample_points

    random = np.random.default_rng(seed)
    order = random.permutation(len(batches))
    share = min(1.0, SAMPLE / sum(batches[i].count for i in order[:SAMPLE_BATCHES]))

    def draw(encoder: "Encoder", blocks: Sequence["Block"]) -> Job[npt.NDArray[np.float32]]:
        yield progress
        return sample_points(encoder, blocks, share, random)

    parts: list[npt.NDArray[np.float32]] = []
    for done, i in enumerate(order):
        if done >= SAMPLE_BATCHES and sum(map(len, parts)) >= SAMPLE:
            break
        progress = Progress("sample", done, max(done + 1, min(len(order), SAMPLE_BATCHES)))
        parts += yield from retreat.work(batches[i].specimen, batches[i].blocks, draw)
    return np.concatenate(parts)
