"""Finding the sample: coarse copies, a localizer that learns from them, a box for each volume."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from napari_hypseg.config import ADVANCED, Config
from napari_hypseg.jobs import Job
from napari_hypseg.volumes.proposal import Proposal
from napari_hypseg.volumes.volume import Volume


class LocateSettings(Config):
    """How the sample is looked for; the defaults need no change."""

    method: str = Field("vote", title="Localizer", description="What learns to tell the sample from its surroundings.")
    margin: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Margin",
        description="Leave this much room around the sample on every side, in percent of the box.",
        json_schema_extra={"unit": "%"},
    )
    steps: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        title="Steps",
        description="Learn for this many steps; more can make the box more exact in difficult volumes.",
        json_schema_extra=ADVANCED,
    )
    device: Literal["auto", "cuda", "mps", "cpu"] = Field(
        "auto", title="Device", description="What to compute on; auto takes a graphics card where there is one."
    )
    seed: int = Field(
        0, ge=0, lt=2**31, title="Seed", description="Another seed gives another start of learning.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip


def locate(volumes: Sequence[Volume], settings: LocateSettings) -> Job[tuple[Proposal, ...]]:
    """Find the sample in every one of `volumes`, learning from all of them together and from nothing else.

    Yields `Progress` of the stages ``"read"``, ``"learn"`` and ``"find"``, and `Notice`. `Command.STOP` while it learns
    ends learning and goes on to look with what was learned.

    Raises
    ------
    HypsegError
        If a volume or a setting cannot be used.
    """
    raise NotImplementedError
    yield
