"""What a job reports while it runs: frozen records, so that any thread may hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from napari_hypseg.jobs.stage import stage_title

NO_METRICS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Progress:
    """How far a stage has come.

    Parameters
    ----------
    stage
        Value of `Stage`: ``"learn"``, ``"encode"``, ``"cluster"``, ``"export"``.
    step, total
        Position and end in the unit of the stage; `total` is None where the end is not known.
        A training run on a time budget counts seconds.
    metrics
        Named numbers worth plotting, for example ``{"loss": 1.3}``.
    seconds_left
        Estimate of the time left in seconds, None where there is none.
    """

    stage: str
    step: float
    total: float | None = None
    metrics: Mapping[str, float] = field(default_factory=lambda: NO_METRICS)
    seconds_left: float | None = None

    @property
    def title(self) -> str:
        """What is being done, for a person."""
        return stage_title(self.stage)

    @property
    def fraction(self) -> float | None:
        """Done share in [0, 1], None where the end is not known."""
        if not self.total:
            return None
        return min(1.0, self.step / self.total)


@dataclass(frozen=True)
class Notice:
    """One sentence the person should read although the job goes on."""

    message: str
