"""What segmentations of phantoms are worth: every row learns from some volumes and segments each of some others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.phantom.records import NO_LEAVES, Record
from benchmarks.phantom.rows import TREE, TREE_OF_KINDS, QualityRow
from benchmarks.phantom.split import FULL_SPLIT, TEST, VARIANTS, PhantomSplit, make_phantoms
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation.regions import LEVEL_OF, level_dice
from benchmarks.segmentation.run_spec import RunBudget, RunSpec, Segmenter
from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Job
from napari_hypseg.volumes.phantom import Phantom
from napari_hypseg.volumes.specimen import Specimen

NO_DEVICE = "cpu"
"""What ways that do not learn are computed on."""


@dataclass(frozen=True)
class QualityPlan:
    """What is measured.

    Parameters
    ----------
    rows
        What is compared.
    run_budget
        Budget, device and leaves of each.
    seeds
        Each row is learned once with each.
    split, part
        The volumes, and which of them are scored.
    variants
        Kinds of volumes.
    command, machine
        What was typed, and where, in words; it is kept with what was measured.
    device
        What is computed on, as it was found.
    """

    rows: Sequence[QualityRow]
    run_budget: RunBudget
    seeds: Sequence[int]
    split: PhantomSplit = FULL_SPLIT
    part: str = TEST
    variants: Sequence[str] = tuple(VARIANTS)
    command: str = ""
    machine: str = ""
    device: str = NO_DEVICE

    def check(self) -> None:
        """Make sure that everything can be measured, before anything is.

        Raises
        ------
        HypsegError
            If it cannot.
        """
        if self.run_budget.leaves < max(LEVEL_OF):
            raise SettingError(
                f"{self.run_budget.leaves} leaves cannot be cut into {max(LEVEL_OF)} regions; "
                "set leaves to at least that."
            )
        for row in self.rows:
            row.baseline.check(self.run_budget)

    def scene(self, variant: str) -> tuple[object, ...]:
        """What the records of this plan's volumes share; see `Record.scene`."""
        return (variant, self.part, self.split.edge, self.split.learned)


def benchmark_phantom(plan: QualityPlan, keep: Callable[[Sequence[Record]], None]) -> Job[list[Record]]:
    """Measure every row with every seed on every variant; yields `StageMessage`, and the events of what is measured.

    `keep` receives the records of one row and seed as soon as they are there, so that an end by force loses little.

    Raises
    ------
    HypsegError
        If a setting cannot be used.
    """
    records: list[Record] = []
    for variant in plan.variants:
        yield StageMessage(f"Generating {variant} phantoms")
        learned = yield from make_phantoms(plan.split, "learned", variant)
        scored = yield from make_phantoms(plan.split, plan.part, variant)
        for row in plan.rows:
            for seed in plan.seeds:
                yield StageMessage(f"{row.title}: {variant} phantoms, seed {seed}")
                new = yield from _measured(plan, row, variant, RunSpec(learned, seed, plan.run_budget), scored)
                keep(new)
                records += new
    return records


def _measured(
    plan: QualityPlan, row: QualityRow, variant: str, spec: RunSpec, scored: Sequence[Phantom]
) -> Job[list[Record]]:
    started = time.monotonic()
    segment = yield from row.baseline.learn(spec)
    learned = time.monotonic()
    dice = yield from _scores(segment, row.baseline.groupings, scored)
    each = (time.monotonic() - learned) / len(scored)
    learns = row.baseline.learns
    return [
        Record(
            row=row.name,
            grouping=grouping,
            variant=variant,
            part=plan.part,
            edge=plan.split.edge,
            learned=plan.split.learned,
            seed=spec.seed,
            budget=plan.run_budget.budget if learns else "",
            device=plan.device if learns else NO_DEVICE,
            leaves=plan.run_budget.leaves if grouping in (TREE, TREE_OF_KINDS) else NO_LEAVES,
            dice=values,
            learn_seconds=round(learned - started, 1),
            segment_seconds=round(each, 2),
            command=plan.command,
            machine=plan.machine,
        )
        for grouping, values in dice.items()
    ]


def _scores(
    segment: Segmenter, groupings: Sequence[str], scored: Sequence[Phantom]
) -> Job[dict[str, dict[str, list[float]]]]:
    """Matched Dice of each volume, by grouping and by number of regions."""
    dice = {grouping: {str(k): list[float]() for k in LEVEL_OF} for grouping in groupings}
    for made in scored:
        regions = yield from segment(Specimen(made.volume))
        for grouping in groupings:
            reached = yield from level_dice(regions[grouping], made)
            for k, value in reached.items():
                dice[grouping][str(k)].append(round(value, 6))
    return dice
