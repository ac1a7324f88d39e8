"""Segmenting each specimen as people do, and clicking in its regions; then what that is compared with."""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.clicks.comparisons import CLICKS, text_keys, with_ceiling, with_dabs
from benchmarks.clicks.leaf_pieces import LeafPieces
from benchmarks.clicks.levels import level_scores
from benchmarks.clicks.piece_clicks import dice_of_pieces
from benchmarks.clicks.records import ClickedStructure, ClickRecord
from benchmarks.clicks.retrieval import retrieval_auc
from benchmarks.clicks.structures import MOST, large_structures
from benchmarks.clicks.subjects import PHANTOM, Subject
from benchmarks.phantom.split import FULL_SPLIT
from benchmarks.real.annotated_groups import Group, groups_of
from benchmarks.real.annotated_volumes import KnownSpecimen
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.run_spec import RunBudget, RunSpec
from benchmarks.segmentation.supervised import learned_unet
from benchmarks.segmentation.tree_makers import run_settings
from benchmarks.segmentation.unet import UNet
from napari_hypseg.errors import ProjectError
from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.contingency import Contingency, contingency_job
from napari_hypseg.hierarchy.scores import best_node_dice, leaf_union_dice
from napari_hypseg.hierarchy.simulated_clicks import dice_after_clicks
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.run import run
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.project import Project
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.specimen import Specimen

TAUGHT = 20
"""Generated volumes whose labels the ceiling is told, unless said otherwise."""


@dataclass(frozen=True)
class ClickPlan:
    """What is measured.

    Parameters
    ----------
    subjects
        The specimens.
    method, run_budget, seed
        Of each segmentation.
    ceiling_budget
        Of the ceiling.
    trials
        Simulated persons.
    compare
        Whether the pixel classifier and the ceiling are measured as well, also where only they are missing.
    again
        Whether what is known is segmented and clicked in once more; its dabs, which know no regions, are taken over.
    taught
        Generated volumes whose labels the ceiling is told.
    command, machine, device
        What was typed and where, in words.
    """

    subjects: Sequence[Subject]
    method: str
    run_budget: RunBudget
    ceiling_budget: RunBudget
    seed: int
    trials: int
    compare: bool = True
    again: bool = False
    taught: int = TAUGHT
    command: str = ""
    machine: str = ""
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class Segmented:
    """Leaf ids (z, y, x), the trees over them by name, and what "more like this" compares."""

    ids: npt.NDArray[np.uint16]
    trees: Mapping[str, Hierarchy]
    descriptors: npt.NDArray[np.float32] | None
    metric: Metric


def benchmark_clicks(
    plan: ClickPlan, known: Iterable[ClickRecord], keep: Callable[[ClickRecord], object]
) -> Job[list[ClickRecord]]:
    """Click in every specimen that is not among the `known` records, and `keep` each record as soon as it is there.

    A known record that lacks what regions are compared with gets that, without being segmented again; for
    ``plan.again`` all are.

    Yields `StageMessage` and events.

    Raises
    ------
    HypsegError
        If a volume or a setting cannot be used.
    """
    there, made = {one.key: one for one in known}, list[ClickRecord]()
    unet: UNet | None = None
    for subject in plan.subjects:
        specimen = subject.load()
        record = _record(plan, subject, specimen)
        before = None if plan.again else there.get(record.key)
        dabs = plan.compare and (before is None or not before.has_dabs)
        budget = plan.ceiling_budget.budget
        ceiling = plan.compare and subject.volume == PHANTOM and (before is None or before.ceiling_budget != budget)
        if before is not None and not dabs and not ceiling:
            yield StageMessage(f"{subject.volume}, {subject.specimen}: measured before")
            continue
        if ceiling and unet is None:
            yield StageMessage("ceiling: learning from labels")
            unet = yield from _ceiling(plan)
        found = before if before is not None else (yield from _measured(plan, record, specimen))
        if dabs:
            yield StageMessage(f"{subject.volume}, {subject.specimen}: dabs for a pixel classifier")
            found = yield from with_dabs(found, specimen, [*there.values(), *made])
        if ceiling and unet is not None:
            found = with_ceiling(found, specimen, unet, budget)
        keep(found)
        made.append(found)
    return made


def _record(plan: ClickPlan, subject: Subject, known: KnownSpecimen) -> ClickRecord:
    """What is known of a record before anything is measured."""
    box = known.specimen.region
    return ClickRecord(
        subject.volume,
        subject.specimen,
        plan.method,
        plan.run_budget.budget,
        plan.device,
        plan.run_budget.leaves,
        plan.seed,
        box.shape,
        int(known.specimen.inside(box).sum()),
        plan.trials,
        0.0,
        {},
        plan.command,
        plan.machine,
    )


def _ceiling(plan: ClickPlan) -> Job[UNet]:
    """A network that was told the labels of other generated volumes."""
    seeds = FULL_SPLIT.seeds("learned")[: plan.taught]
    taught = [phantom((FULL_SPLIT.edge,) * 3, seed) for seed in seeds]
    return (yield from learned_unet(RunSpec(taught, plan.seed, plan.ceiling_budget)))


def _measured(plan: ClickPlan, record: ClickRecord, known: KnownSpecimen) -> Job[ClickRecord]:
    """What is reached with regions."""
    yield StageMessage(f"{record.volume}, {record.specimen}: learning and segmenting")
    started = time.monotonic()
    segmented = yield from _segmented(plan, known.specimen)
    seconds = time.monotonic() - started
    if known.labels is None:
        raise ValueError(f"the labels of {known.name} are not known")
    inside = known.specimen.inside(known.specimen.volume.box)
    table = yield from contingency_job(segmented.ids, known.labels, segmented.trees[PARTS].n_leaves, inside, known.name)
    groups = groups_of(known.paths, table.classes.tolist())
    large = large_structures(groups, table)
    structures = {group.name: _clicked(plan, group, segmented, table) for group in large[:MOST]}
    pieces, trees = LeafPieces.of(segmented.ids), list(segmented.trees.values())
    for name, one in structures.items():
        truth = np.isin(known.labels, one.labels)
        curve = yield from dice_of_pieces(pieces, trees, truth, inside, CLICKS, plan.trials)
        structures[name] = replace(one, pieces=text_keys(curve))
    levels = level_scores(groups, table, segmented.trees, plan.trials) if len(large) > MOST else {}
    return replace(record, seconds=seconds, structures=structures, levels=levels)


def _segmented(plan: ClickPlan, specimen: Specimen) -> Job[Segmented]:
    """Learn from the specimen and segment it, in a project as anybody would."""
    settings = run_settings(plan.method, plan.run_budget, plan.seed)
    with tempfile.TemporaryDirectory() as folder:
        project = Project.create(Path(folder) / "run", [specimen], settings)
        yield from run(project)
        project.reload()
        if project.segmentation is None:
            raise ProjectError(f"The segmentation by {plan.method} cannot be read again; free space and start anew.")
        manifold = trained_encoders(project)[0].manifold
        ids, trees = np.asarray(project.leaves[0][:]), dict(project.hierarchies)
        return Segmented(ids, trees, project.segmentation.descriptors, curvature_metric(manifold.curvature))


def _clicked(plan: ClickPlan, group: Group, segmented: Segmented, table: Contingency) -> ClickedStructure:
    """Everything about a structure that regions alone tell."""
    labels, points = group.labels, segmented.trees[PARTS].points
    curve = dice_after_clicks(table, list(segmented.trees.values()), labels, CLICKS, plan.trials)
    nodes = {name: best_node_dice(table, tree, labels)[0] for name, tree in segmented.trees.items()}
    return ClickedStructure(
        labels,
        share=table.against(labels)[2] / float(table.counts.sum()),
        best_node=max(nodes.values()),
        best_union=leaf_union_dice(table, labels),
        regions=text_keys(curve),
        dabs={},
        ceiling=None,
        auc_latent=retrieval_auc(table, labels, points, None, segmented.metric),
        auc_joined=retrieval_auc(table, labels, points, segmented.descriptors, segmented.metric),
        nodes=nodes,
    )
