"""How far latent points say under which condition a volume was imaged, with and without what is to free them of it."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.apply.batch_records import BatchRecord
from benchmarks.apply.imaging_conditions import imaged
from benchmarks.apply.measure import dice, joined, one_sided
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import run_settings
from napari_hypseg.hierarchy.contingency import Contingency, contingency_job
from napari_hypseg.hierarchy.scores import best_leaf_union
from napari_hypseg.inference.encoder import BATCH, Encoder
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.segment import segment
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.project import Project
from napari_hypseg.volumes.specimen import Specimen

VARIANTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "neither": {},
        "vector for the decoder": {"batch_covariates": "specimen"},
        "vector for both": {"batch_covariates": "specimen", "batch_encoder": True},
        "consistency": {"consistency_weight": 0.1},
        "vector for the decoder, consistency": {"batch_covariates": "specimen", "consistency_weight": 0.1},
    }
)
"""Settings of the model by what is tried."""
SAMPLE = 4000
"""Voxels of each volume that are classified; the same places in all."""
FOLDS = 4
"""Slabs along z, each of which is classified by what was learned in the others."""

Points = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


def benchmark_batches(
    run_budget: RunBudget,
    seed: int,
    known: Iterable[BatchRecord],
    keep: Callable[[BatchRecord], object],
    command: str,
    machine: str,
) -> Job[list[BatchRecord]]:
    """Learn from a phantom under all conditions at once, in every variant that is not among the `known` records.

    Yields `StageMessage` and events.

    Raises
    ------
    HypsegError
        If a setting cannot be used.
    """
    there, made = {one.key for one in known}, list[BatchRecord]()
    clean, volumes = imaged(seed)
    for name, model in VARIANTS.items():
        if (name, run_budget.budget, run_budget.leaves, seed) in there:
            yield StageMessage(f"{name}: measured before")
            continue
        yield StageMessage(f"{name}: learning from all conditions together")
        settings = run_settings("hyperbolic", run_budget, seed).model_copy(update={"model": dict(model)})
        with tempfile.TemporaryDirectory() as folder:
            project = Project.create(Path(folder) / "all", [Specimen(one) for one in volumes.values()], settings)
            told = yield from _told(project, clean.labels, seed)
            shared = yield from _shared(project, clean.labels)
            project.close()
        made.append(BatchRecord(name, run_budget.budget, run_budget.leaves, seed, *told, *shared, command, machine))
        keep(made[-1])
    return made


def _told(project: Project, labels: npt.NDArray[np.integer], seed: int) -> Job[tuple[float, float]]:
    """How well conditions are told from points, and classes where they were learned under the other conditions."""
    yield from learn(project)
    places = np.sort(np.random.default_rng(seed).choice(labels.size, SAMPLE, replace=False))
    of_each = []
    for encoder in trained_encoders(project):
        of_each.append((yield from _tangents(encoder))[places])
    classes, slabs = labels.ravel()[places].astype(np.int64), places * FOLDS // labels.size
    return told_conditions(of_each, slabs), told_classes(of_each, classes)


def _tangents(encoder: Encoder) -> Job[Points]:
    """Tangent vectors (n, d) of all voxels of a specimen."""
    blocks = encoder.blocks()
    made = torch.zeros(*encoder.specimen.volume.shape, 0)
    for first in range(0, len(blocks), BATCH):
        some = blocks[first : first + BATCH]
        for block, (points, _) in zip(some, encoder.encode(some), strict=True):
            tangents = encoder.manifold.logmap0(points).cpu()
            made = made if made.shape[-1] else torch.zeros(*made.shape[:-1], tangents.shape[-1])
            made[block.core.slices] = tangents
        yield Progress("encode", first, len(blocks))
    return np.asarray(made.flatten(0, -2).numpy())


def told_conditions(points: Sequence[Points], slabs: Ids) -> float:
    """Share of points whose volume a linear classifier tells, which learned it in other slabs; chance is 1 / volumes.

    Parameters
    ----------
    points
        float32 (n, d) of each volume, at the same places.
    slabs
        int64 (n,): which slab each place is in.
    """
    values, volumes = np.concatenate(points), np.repeat(np.arange(len(points)), len(slabs))
    where = np.tile(slabs, len(points))
    right = [
        _classified(values[where != slab], volumes[where != slab], values[where == slab]) == volumes[where == slab]
        for slab in np.unique(slabs)
    ]
    return float(np.concatenate(right).mean())


def told_classes(points: Sequence[Points], classes: Ids) -> float:
    """Balanced share of points whose class a linear classifier tells that learned classes in the other volumes."""
    shares = []
    for number, here in enumerate(points):
        others = [one for place, one in enumerate(points) if place != number]
        told = _classified(np.concatenate(others), np.tile(classes, len(others)), here)
        shares += [float((told[classes == one] == one).mean()) for one in np.unique(classes)]
    return float(np.mean(shares))


def _classified(known: Points, labels: Ids, new: Points) -> Ids:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500, class_weight="balanced"))
    return np.asarray(classifier.fit(known, labels).predict(new))


def _shared(project: Project, labels: npt.NDArray[np.integer]) -> Job[tuple[float, float]]:
    """Matched Dice of common leaves, and the share of voxels in leaves that one volume fills alone."""
    yield from segment(project)
    project.reload()
    tables = []
    for leaves in project.leaves:
        n_leaves = project.hierarchy.n_leaves if project.hierarchy else 0
        inside = np.ones(labels.shape, dtype=bool)
        tables.append((yield from contingency_job(leaves, labels, n_leaves, inside, "phantom")))
    return common_leaf_dice(tables), one_sided([np.asarray(leaves[:]) for leaves in project.leaves])


def common_leaf_dice(tables: Sequence[Contingency]) -> float:
    """Dice of each class in each volume, of the leaves that fit it best in the other volumes; mean over all."""
    reached = []
    for number, here in enumerate(tables):
        others = joined([one for place, one in enumerate(tables) if place != number])
        for label in here.classes.tolist():
            reached.append(dice(here, (label,), best_leaf_union(others, (label,))[1]))
    return float(np.mean(reached))
