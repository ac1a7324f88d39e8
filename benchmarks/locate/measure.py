"""How well, how fast and with how much memory the sample is found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.locate.ablation import FULL_ABLATION, AblationPlan, AblationRow, ablation_rows
from benchmarks.locate.phantoms import FULL, PhantomPlan, Row, single_rows, unseen_rows
from benchmarks.locate.pretraining import FULL_PRETRAINING, PretrainingPlan, TreeScore, pretraining_scores
from benchmarks.locate.real_scans import RealRow, real_rows
from benchmarks.locate.resources import Resources, measure
from benchmarks.locate.tube_scenes import FULL_TUBES, TubePlan, TubeRow, tube_rows
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.locate_settings import LocateSettings

PARTS = ("unseen", "single", "scenes", "real", "large", "ablation", "pretraining")
"""What can be measured by itself, in the order in which it is measured."""


@dataclass(frozen=True)
class LocatePlan:
    """What is measured.

    Parameters
    ----------
    settings
        One for each localizer; pictures of phantoms are drawn with the first.
    images
        Folder of the pictures.
    kept
        File of what was measured of the scans of tubes, to go on from after a stop.
    phantoms
        How many, and how large.
    data
        Folder of the example volumes, None to do without them.
    large
        Whether time and memory are measured on a large scan.
    ablation
        How what the settings do is measured.
    pretraining
        How what slice embeddings give the segmentation is measured.
    only
        Those of `PARTS` that are measured; empty for all.
    tubes
        How many scans of tubes, and how large.
    """

    settings: Sequence[LocateSettings]
    images: Path
    kept: Path
    phantoms: PhantomPlan = FULL
    data: Path | None = None
    large: bool = True
    ablation: AblationPlan = FULL_ABLATION
    pretraining: PretrainingPlan = FULL_PRETRAINING
    only: tuple[str, ...] = ()
    tubes: TubePlan = FULL_TUBES

    def wants(self, part: str) -> bool:
        """Whether one of `PARTS` is measured."""
        there = {"real": self.data is not None, "large": self.large}
        return there.get(part, True) and (not self.only or part in self.only)


@dataclass(frozen=True)
class LocateResults:
    """What came out; empty where nothing was measured."""

    plan: PhantomPlan
    unseen: list[Row] = field(default_factory=list)
    single: list[Row] = field(default_factory=list)
    real: list[RealRow] = field(default_factory=list)
    resources: list[Resources] = field(default_factory=list)
    ablation: list[AblationRow] = field(default_factory=list)
    ablation_plan: AblationPlan = FULL_ABLATION
    pretraining: list[TreeScore] = field(default_factory=list)
    pretraining_plan: PretrainingPlan = FULL_PRETRAINING
    only: tuple[str, ...] = ()
    scenes: list[TubeRow] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def benchmark_locate(plan: LocatePlan) -> Job[LocateResults]:
    """Measure what is wanted; yields `StageMessage`, and the events of what is measured.

    Raises
    ------
    HypsegError
        If a scan or a setting cannot be used.
    """
    told, wants = plan.settings, plan.wants
    unseen = (yield from unseen_rows(plan.phantoms, told, plan.images)) if wants("unseen") else []
    single = (yield from single_rows(plan.phantoms, told)) if wants("single") else []
    scenes = (yield from tube_rows(plan.tubes, told, plan.kept)) if wants("scenes") else []
    real = (yield from real_rows(plan.data, told, plan.images)) if plan.data and wants("real") else []
    resources = (yield from measure(told)) if wants("large") else []
    ablation = (yield from ablation_rows(plan.ablation, told)) if wants("ablation") else []
    device = told[0].device
    joined = (yield from pretraining_scores(plan.pretraining, device)) if wants("pretraining") else []
    varied = (ablation, plan.ablation, joined, plan.pretraining)
    return LocateResults(plan.phantoms, unseen, single, real, resources, *varied, plan.only, scenes)
