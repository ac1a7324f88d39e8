"""Naming structures with simulated clicks on some volumes, and carrying them to another one."""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.apply.cases import Case
from benchmarks.apply.records import AppliedStructure, ApplyRecord
from benchmarks.real.annotated_groups import groups_of
from benchmarks.real.annotated_volumes import KnownSpecimen
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_makers import run_settings
from napari_hypseg.hierarchy.contingency import Contingency, contingency_job
from napari_hypseg.hierarchy.simulated_clicks import dice_after_clicks, selected_by_clicks
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.apply import apply
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.segment import segment
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings

CLICKS = 5
ONE_SIDED = 0.95
REGIONS = 4
"""Regions that stand for structures where no labels are known."""
DOUBTFUL = 50
"""Certainty in percent."""

Ids = npt.NDArray[np.uint16]
Labels = npt.NDArray[np.integer]


@dataclass(frozen=True)
class ApplyPlan:
    """What is measured.

    Parameters
    ----------
    cases
        The kinds of volumes; of each, every volume is the new one once.
    run_budget, seed
        Of each segmentation.
    trials
        Simulated persons.
    command, machine
        What was typed and where, in words.
    """

    cases: Sequence[Case]
    run_budget: RunBudget
    seed: int
    trials: int
    command: str = ""
    machine: str = ""


@dataclass(frozen=True, eq=False)
class Truth:
    """Labels (z, y, x) of a volume, and the labels of each structure that is named."""

    labels: Labels
    structures: Mapping[str, tuple[int, ...]]


def benchmark_apply(
    plan: ApplyPlan, known: Iterable[ApplyRecord], keep: Callable[[ApplyRecord], object]
) -> Job[list[ApplyRecord]]:
    """Carry structures to every volume of every case that is not among the `known` records; `keep` each record.

    Yields `StageMessage` and events.

    Raises
    ------
    HypsegError
        If a volume or a setting cannot be used.
    """
    there, made = {one.key for one in known}, list[ApplyRecord]()
    for case in plan.cases:
        volumes = case.load()
        if all(
            (case.name, one.name, plan.run_budget.budget, plan.run_budget.leaves, plan.seed) in there for one in volumes
        ):
            yield StageMessage(f"{case.name}: measured before")
            continue
        with tempfile.TemporaryDirectory() as folder:
            bench = _Bench(plan, case, volumes, Path(folder))
            yield StageMessage(f"{case.name}: learning all together")
            together = yield from bench.learned("together", volumes)
            truths = [bench.truth(together, number) for number in range(len(volumes))]
            tables = yield from bench.tables(together, truths)
            shared = one_sided([np.asarray(leaves[:]) for leaves in together.leaves])
            trees = tuple(together.hierarchies.values())
            for number, volume in enumerate(volumes):
                yield StageMessage(f"{case.name}: carrying over to {volume.name}")
                record = yield from bench.carried(number, truths, shared)
                made.append(with_together(record, tables, trees, truths[number], number, plan.trials))
                keep(made[-1])
    return made


def one_sided(ids: Sequence[Ids]) -> float:
    """Share of the voxels in leaves of which more than `ONE_SIDED` are in one of several volumes of leaf ids."""
    n = max(int(one.max()) for one in ids) + 1
    counts = np.array([np.bincount(one.ravel(), minlength=n)[1:] for one in ids])
    alone = counts.max(axis=0) > ONE_SIDED * counts.sum(axis=0)
    return float(counts[:, alone].sum() / counts.sum())


@dataclass(frozen=True, eq=False)
class _Bench:
    plan: ApplyPlan
    case: Case
    volumes: Sequence[KnownSpecimen]
    folder: Path

    def learned(self, name: str, volumes: Sequence[KnownSpecimen]) -> Job[Project]:
        """A project of volumes learned together."""
        project = Project.create(self.folder / name, [one.specimen for one in volumes], self._settings())
        yield from learn(project)
        yield from segment(project)
        project.reload()
        return project

    def truth(self, together: Project, number: int) -> Truth:
        """What is where in a volume: its labels, or the regions of all volumes learned together."""
        volume = self.volumes[number]
        if volume.labels is None:
            regions = np.asarray(together.label_image(together.cut(REGIONS), number).data[:]).astype(np.int64)
            return Truth(regions, {f"region {label}": (label,) for label in range(1, REGIONS + 1)})
        groups = groups_of(volume.paths, np.unique(volume.labels).tolist())
        return Truth(volume.labels, {one.name: one.labels for one in groups if one.name in self.case.structures})

    def carried(self, number: int, truths: Sequence[Truth], shared: float) -> Job[ApplyRecord]:
        """Name structures on all volumes but one, and carry them to that one."""
        target, others = self.volumes[number], [one for one in range(len(self.volumes)) if one != number]
        named = yield from self.learned(f"named {number}", [self.volumes[one] for one in others])
        own = yield from self.learned(f"own {number}", [target])
        carried = Project.create(self.folder / f"carried {number}", [target.specimen], named.settings)
        started = time.monotonic()
        yield from apply(named, carried)
        seconds = time.monotonic() - started
        parts = []
        for place, other in enumerate(others):
            parts.append((yield from self._table(named, place, self.volumes[other], truths[other])))
        table = joined(parts)
        new = yield from self._table(carried, 0, target, truths[number])
        itself = yield from self._table(own, 0, target, truths[number])
        structures, wrong = dict[str, AppliedStructure](), np.zeros(target.specimen.volume.shape)
        trials, ids = self.plan.trials, np.asarray(carried.leaves[0][:])
        for name, labels in truths[number].structures.items():
            if not set(labels) <= set(table.classes.tolist()):
                continue
            trees = tuple(named.hierarchies.values())
            selected = selected_by_clicks(table, trees, labels, CLICKS, trials)
            structures[name] = AppliedStructure(
                dice_after_clicks(table, trees, labels, (CLICKS,), trials)[CLICKS],
                float(np.mean([dice(new, labels, one) for one in selected])),
                dice_after_clicks(itself, tuple(own.hierarchies.values()), labels, (CLICKS,), trials)[CLICKS],
            )
            chosen = np.append(False, selected[0])[ids]
            wrong = np.maximum(wrong, chosen != np.isin(truths[number].labels, labels))
        certainty = np.asarray(carried.segmentation.certainty[0][:]) if carried.segmentation else np.zeros_like(ids)
        sources = [np.asarray(leaves[:]) for leaves in named.leaves]
        budget = self.plan.run_budget
        own_seconds = own.segmentation.record["seconds"] if own.segmentation else 0.0
        return ApplyRecord(
            self.case.name, target.name, [self.volumes[one].name for one in others], budget.budget, budget.leaves,
            self.plan.seed, structures, one_sided([*sources, ids]), shared, seconds, float(own_seconds),
            _mean(wrong[(certainty > 0) & (certainty < DOUBTFUL)]), _mean(wrong[certainty >= DOUBTFUL]),
            self.plan.command, self.plan.machine,
        )  # fmt: skip

    def _settings(self) -> RunSettings:
        method = str(RunSettings.model_fields["method"].default)
        return run_settings(method, self.plan.run_budget, self.plan.seed)

    def tables(self, project: Project, truths: Sequence[Truth]) -> Job[list[Contingency]]:
        """Of each volume of a project."""
        made = []
        for number, (volume, truth) in enumerate(zip(self.volumes, truths, strict=True)):
            made.append((yield from self._table(project, number, volume, truth)))
        return made

    def _table(self, project: Project, place: int, volume: KnownSpecimen, truth: Truth) -> Job[Contingency]:
        inside = volume.specimen.inside(volume.specimen.volume.box)
        n_leaves = project.hierarchy.n_leaves if project.hierarchy else 0
        return (yield from contingency_job(project.leaves[place], truth.labels, n_leaves, inside, volume.name))


def with_together(
    record: ApplyRecord,
    tables: Sequence[Contingency],
    trees: Sequence[Hierarchy],
    truth: Truth,
    number: int,
    trials: int,
) -> ApplyRecord:
    """A record that says, too, what structures reach on volume `number` of several that were learned together.

    Parameters
    ----------
    record
        Of what was carried to it.
    tables, trees
        Of each volume, and over the leaves of all.
    truth, number
        Of the volume where structures are not named.
    trials
        Simulated persons.
    """
    others, new = joined([one for place, one in enumerate(tables) if place != number]), tables[number]
    structures = dict[str, AppliedStructure]()
    for name, one in record.structures.items():
        selected = selected_by_clicks(others, trees, truth.structures[name], CLICKS, trials)
        reached = float(np.mean([dice(new, truth.structures[name], leaves) for leaves in selected]))
        structures[name] = replace(one, together=reached)
    return replace(record, structures=structures)


def joined(tables: Sequence[Contingency]) -> Contingency:
    """One table of several volumes over the same leaves."""
    classes = np.unique(np.concatenate([one.classes for one in tables]))
    counts = np.zeros((len(tables[0].counts), len(classes)), dtype=np.int64)
    for one in tables:
        counts[:, np.searchsorted(classes, one.classes)] += one.counts
    return Contingency(counts, classes)


def dice(table: Contingency, labels: Sequence[int], selected: npt.NDArray[np.bool_]) -> float:
    """Dice of the union of `labels` with selected leaves, bool (K,)."""
    hits, sizes, total = table.against(labels)
    return float(2 * hits[selected].sum() / max(sizes[selected].sum() + total, 1))


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    return float(values.mean()) if values.size else None
