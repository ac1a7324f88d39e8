"""How well, how fast and with how much memory the sample is found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from napari_hypseg.benchmark.phantoms import FULL, PhantomPlan, Row, single_rows, unseen_rows
from napari_hypseg.benchmark.real import RealRow, real_rows
from napari_hypseg.benchmark.resources import Resources, measure
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.locate_settings import LocateSettings


@dataclass(frozen=True)
class LocatePlan:
    """What is measured.

    Parameters
    ----------
    settings
        One for each localizer; pictures of phantoms are drawn with the first.
    images
        Folder of the pictures.
    phantoms
        How many, and how large.
    data
        Folder of the example volumes, None to do without them.
    large
        Whether time and memory are measured on a large scan.
    """

    settings: Sequence[LocateSettings]
    images: Path
    phantoms: PhantomPlan = FULL
    data: Path | None = None
    large: bool = True


@dataclass(frozen=True)
class LocateResults:
    """What came out; empty where nothing was measured."""

    plan: PhantomPlan
    unseen: list[Row] = field(default_factory=list)
    single: list[Row] = field(default_factory=list)
    real: list[RealRow] = field(default_factory=list)
    resources: list[Resources] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def benchmark_locate(plan: LocatePlan) -> Job[LocateResults]:
    """Measure it all; yields `Chapter`, and the events of what is measured.

    Raises
    ------
    HypsegError
        If a scan or a setting cannot be used.
    """
    unseen = yield from unseen_rows(plan.phantoms, plan.settings, plan.images)
    single = yield from single_rows(plan.phantoms, plan.settings)
    real = (yield from real_rows(plan.data, plan.settings, plan.images)) if plan.data else []
    resources = (yield from measure(plan.settings)) if plan.large else []
    return LocateResults(plan.phantoms, unseen, single, real, resources)
