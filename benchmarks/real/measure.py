"""What trees of real volumes are worth to somebody who looks for structures that have a name."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.real.annotated_groups import Group, groups_of
from benchmarks.real.annotated_volumes import EVERY, KnownCase, KnownSpecimen, folders_of, load
from benchmarks.real.records import GroupRecord, RealRecord
from benchmarks.real.region_figures import draw_cuts, draw_groups
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import TreeMaker
from benchmarks.segmentation.tree_of_points import Ids
from napari_hypseg.hierarchy.contingency import Contingency, contingency_job
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.scores import group_score
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.hierarchy.trees import DEFAULT_TREE
from napari_hypseg.jobs import Job
from napari_hypseg.volumes.box import Index3


@dataclass(frozen=True)
class RealPlan:
    """What is measured.

    Parameters
    ----------
    data
        Folder of the example volumes.
    makers
        What is compared.
    run_budget, seed
        Of each tree.
    images
        Folder of the pictures.
    cases
        The volumes.
    most
        Voxels (z, y, x) of a volume's middle that are looked at, None for all of them.
    command, machine
        What was typed and where, in words.
    device
        What is computed on, as it was found.
    """

    data: Path
    makers: Sequence[TreeMaker]
    run_budget: RunBudget
    seed: int
    images: Path
    cases: Sequence[KnownCase] = EVERY
    most: Index3 | None = None
    command: str = ""
    machine: str = ""
    device: str = "cpu"

    @property
    def absent(self) -> tuple[str, ...]:
        """Names of the cases that are not in the folder."""
        return tuple(case.name for case in self.cases if not folders_of(case, self.data))


def benchmark_real(plan: RealPlan, keep: Callable[[RealRecord], object]) -> Job[list[RealRecord]]:
    """Make and score every tree, and `keep` each as soon as it is; yields `StageMessage` and events.

    Raises
    ------
    HypsegError
        If a volume or a setting cannot be used.
    """
    records = []
    for case, folder in _specimens(plan):
        known = load(case, folder, plan.most)
        for maker in plan.makers:
            if maker.learns or known.labels is not None:
                yield StageMessage(f"{maker.name}: {case.name}{'' if known.name == case.name else f', {known.name}'}")
                records.append((yield from _record(plan, case, known, maker)))
                keep(records[-1])
    return records


def _specimens(plan: RealPlan) -> Iterator[tuple[KnownCase, Path]]:
    return ((case, folder) for case in plan.cases for folder in folders_of(case, plan.data))


def _record(plan: RealPlan, case: KnownCase, known: KnownSpecimen, maker: TreeMaker) -> Job[RealRecord]:
    started, run_budget = time.monotonic(), plan.run_budget
    ids, trees = yield from maker.make(known.specimen, run_budget, plan.seed)
    made = RealRecord(
        case.name,
        known.name,
        maker.name,
        maker.learns,
        run_budget.budget if maker.learns else "",
        plan.device if maker.learns else "",
        maker.leaves or run_budget.leaves,
        plan.seed,
        int(np.count_nonzero(ids)),
        time.monotonic() - started,
        (yield from _groups(known, ids, trees)),
        command=plan.command,
        machine=plan.machine,
    )
    drawn = maker.learns and not case.folder
    return replace(made, picture=_picture(plan, case, known, made, ids, trees)) if drawn else made


def _groups(known: KnownSpecimen, ids: Ids, trees: Mapping[str, Hierarchy]) -> Job[dict[str, GroupRecord]]:
    """Scores of every structure that occurs; none where nothing is known."""
    if known.labels is None:
        return {}
    mask = known.specimen.mask
    inside, n_leaves = mask.channels[0] if mask else None, trees[PARTS].n_leaves
    table = yield from contingency_job(ids, known.labels, n_leaves, inside, known.name)
    groups = groups_of(known.paths, table.classes.tolist())
    return {group.name: _scored(group, table, trees) for group in groups}


def _scored(group: Group, table: Contingency, trees: Mapping[str, Hierarchy]) -> GroupRecord:
    score = group_score(table, trees, group.labels)
    three = {name: best_region_dice(table, tree, 3, group.labels) for name, tree in trees.items()}
    return GroupRecord(group.level, group.labels, **score.as_dict(), best_of_three=three)


def best_region_dice(table: Contingency, tree: Hierarchy, k: int, labels: Sequence[int]) -> float:
    """The highest Dice of a region of the cut into `k` regions, or as many as there are, with the union of `labels`."""
    hits, sizes, total = table.against(labels)
    regions = lookup(tree, cut_at(tree, min(k, tree.n_leaves)))[1:]
    shared, voxels = (np.bincount(regions, weights=values) for values in (hits, sizes))
    return float((2 * shared / (voxels + total)).max())


def _picture(
    plan: RealPlan, case: KnownCase, known: KnownSpecimen, made: RealRecord, ids: Ids, trees: Mapping[str, Hierarchy]
) -> str:
    """Draw what was found; gives the name of the file."""
    name = "-".join(dict.fromkeys((case.name, known.name, made.method))) + ".png"
    if known.labels is None:
        draw_cuts(plan.images / name, known.specimen.volume, ids, trees[DEFAULT_TREE])
    else:
        draw_groups(plan.images / name, known, ids, trees, made.groups, first=case.asked)
    return name
