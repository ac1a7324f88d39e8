"""Learning from each specimen once, and grouping its supervoxels in every way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.ablation.encoding import Encoded, encoded
from benchmarks.ablation.records import AblationRecord, StructureScore
from benchmarks.ablation.variants import VARIANTS, LeafChoice, TreeChoice, Variant
from benchmarks.clicks.structures import MOST, large_structures
from benchmarks.clicks.subjects import Subject
from benchmarks.real.annotated_groups import groups_of
from benchmarks.real.annotated_volumes import KnownSpecimen
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import run_settings
from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.hierarchy.contingency import Contingency, contingency_job
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.scores import best_node_dice, leaf_union_dice
from napari_hypseg.hierarchy.simulated_clicks import CLICKS, dice_after_clicks
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.hierarchy.trees import TREES
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.build_segmentation import group_supervoxels
from napari_hypseg.pipeline.build_supervoxels import BuiltSupervoxels, merge_basins

DIGITS = 4
"""Kept of a Dice: there are thousands."""


@dataclass(frozen=True)
class AblationPlan:
    """What is measured.

    Parameters
    ----------
    subjects
        The specimens.
    method, run_budget
        Of learning and of the leaves.
    seeds
        Of learning and of the leaves; each specimen is learned from once with each.
    trials
        Simulated persons.
    command, machine, device
        What was typed and where, in words.
    """

    subjects: Sequence[Subject]
    method: str
    run_budget: RunBudget
    seeds: Sequence[int]
    trials: int
    command: str = ""
    machine: str = ""
    device: str = "cpu"


def benchmark_ablation(
    plan: AblationPlan, known: Iterable[AblationRecord], keep: Callable[[AblationRecord], object]
) -> Job[list[AblationRecord]]:
    """Measure the variants that are not in the `known` records, and `keep` each record as soon as it is there.

    Yields `StageMessage` and events.

    Raises
    ------
    HypsegError
        If a volume or a setting cannot be used.
    """
    there, made = {one.key: one for one in known}, list[AblationRecord]()
    for subject in plan.subjects:
        specimen = subject.load()
        for seed in plan.seeds:
            record = _record(plan, subject, specimen, seed)
            before = there.get(record.key, record).variants
            missing = [variant for name, variant in VARIANTS.items() if name not in before]
            title = f"{subject.volume}, {subject.specimen}, seed {seed}"
            yield StageMessage(f"{title}: {'learning' if missing else 'measured before'}")
            if missing:
                reached = yield from _measured(plan, specimen, seed, missing, title)
                made.append(replace(record, variants={**before, **reached}))
                keep(made[-1])
    return made


def _record(plan: AblationPlan, subject: Subject, known: KnownSpecimen, seed: int) -> AblationRecord:
    """What is known of a record before anything is measured."""
    budget, grid = plan.run_budget, known.specimen.region.shape
    way = (plan.method, budget.budget, plan.device, budget.leaves, seed)
    return AblationRecord(subject.volume, subject.specimen, *way, grid, {}, plan.command, plan.machine)


def _measured(
    plan: AblationPlan, known: KnownSpecimen, seed: int, variants: Sequence[Variant], title: str
) -> Job[dict[str, dict[str, StructureScore]]]:
    """Scores of each structure by variant; what several variants share is made once."""
    made = yield from encoded(known.specimen, run_settings(plan.method, plan.run_budget, seed))
    reached = dict[str, dict[str, StructureScore]]()
    supervoxels = dict[int, BuiltSupervoxels]()
    for choice in dict.fromkeys(variant.leaves for variant in variants):
        if choice.voxels not in supervoxels:
            fallback = MemoryFallback(made.sources)
            merging = merge_basins(made.basins, fallback, made.workspace, plan.run_budget.leaves, choice.voxels)
            supervoxels[choice.voxels] = yield from merging
        leaves = yield from _grouped(plan, known, made, supervoxels[choice.voxels], choice, seed)
        for variant in (one for one in variants if one.leaves == choice):
            yield StageMessage(f"{title}: {variant.name}")
            reached[variant.name] = yield from leaves.scores(variant.trees, known, plan.trials)
    return reached


def _grouped(
    plan: AblationPlan,
    known: KnownSpecimen,
    made: Encoded,
    supervoxels: BuiltSupervoxels,
    choice: LeafChoice,
    seed: int,
) -> "Job[_Leaves]":
    wanted, specimen = choice.times * plan.run_budget.leaves, known.specimen
    features = yield from group_supervoxels(
        supervoxels, MemoryFallback(made.sources), made.manifold, made.workspace, wanted, seed, choice.weights
    )
    if known.labels is None:
        raise ValueError(f"the labels of {known.name} are not known")
    inside: npt.NDArray[np.bool_] = specimen.inside(specimen.volume.box)
    ids = np.asarray(made.workspace.leaves[0][:])
    table = yield from contingency_job(ids, known.labels, len(features.sizes), inside, known.name)
    return _Leaves(made, features, table, {})


@dataclass(frozen=True, eq=False)
class _Leaves:
    """Leaves, and the trees over them that were made so far."""

    made: Encoded
    features: LeafFeatures
    table: Contingency
    trees: dict[TreeChoice, Hierarchy]

    def scores(
        self, choices: Sequence[TreeChoice], known: KnownSpecimen, trials: int
    ) -> Job[dict[str, StructureScore]]:
        """Scores of each structure where these trees are offered."""
        for choice in choices:
            if choice not in self.trees:
                features, metric = choice.change(self.features, curvature_metric(self.made.manifold.curvature))
                self.trees[choice] = yield from TREES[choice.name].build(features, metric, choice.weights)
        trees = [self.trees[choice] for choice in choices]
        groups = large_structures(groups_of(known.paths, self.table.classes.tolist()), self.table)[:MOST]
        return {group.name: self._score(trees, group.labels, trials) for group in groups}

    def _score(self, trees: Sequence[Hierarchy], labels: Sequence[int], trials: int) -> StructureScore:
        curve = dice_after_clicks(self.table, trees, labels, CLICKS, trials)
        return StructureScore(
            round(max(best_node_dice(self.table, tree, labels)[0] for tree in trees), DIGITS),
            round(leaf_union_dice(self.table, labels), DIGITS),
            {str(n): round(dice, DIGITS) for n, dice in curve.items()},
        )
