"""What a way to segment phantoms is given, and what it has to offer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from benchmarks.segmentation.regions import Regions
from napari_hypseg.jobs import Job
from napari_hypseg.supervoxels.settings import LeafSettings
from napari_hypseg.volumes.phantom import Phantom
from napari_hypseg.volumes.specimen import Specimen

Device = Literal["auto", "cuda", "mps", "cpu"]
Segmenter: TypeAlias = Callable[[Specimen], Job[Mapping[str, Regions]]]
"""Segments one volume alone: regions by the way they were grouped, one of `Baseline.groupings`."""


@dataclass(frozen=True)
class RunBudget:
    """How much work goes into a way.

    Parameters
    ----------
    minutes, steps
        Of learning; minutes do not count where steps are given.
    device
        Where learning and encoding are done.
    leaves
        Of a tree.
    """

    minutes: float = 10.0
    steps: int | None = None
    device: Device = "auto"
    leaves: int = int(LeafSettings.model_fields["leaves"].default)

    @property
    def budget(self) -> str:
        """Of learning, in words."""
        return f"{self.minutes:g} min" if self.steps is None else f"{self.steps} steps"


@dataclass(frozen=True, eq=False)
class RunSpec:
    """One run of a way: the volumes it may learn from, their classes only for the ceiling, and its seed."""

    learned: Sequence[Phantom]
    seed: int
    run_budget: RunBudget


class Baseline(Protocol):
    """A way to segment phantoms."""

    @property
    def groupings(self) -> tuple[str, ...]:
        """Names of what its segmenter returns."""
        ...

    @property
    def learns(self) -> bool:
        """Whether the budget matters to it."""
        ...

    def check(self, run_budget: RunBudget) -> None:
        """Make sure that it can be tried, before anything is.

        Raises
        ------
        HypsegError
            If it cannot.
        """

    def learn(self, spec: RunSpec) -> Job[Segmenter]:
        """Get ready to segment any volume."""
        ...
