"""Both localizers together: what only one of them takes for sample is not enough."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.jobs import Job
from napari_hypseg.methods.localizers.base import Evidence, FittedLocalizer, Localizer
from napari_hypseg.volumes.coarse import CoarseVolume

if TYPE_CHECKING:
    import torch


class VoteSettings(Config):
    """Both run with their defaults."""

    seed: int = Field(
        0, ge=0, lt=2**31, title="Seed", description="Seed of the random numbers.", json_schema_extra=ADVANCED
    )


class Vote:
    """Geometric mean of the maps, mean of the profiles."""

    def __init__(self, voters: Sequence[FittedLocalizer]) -> None:
        self._voters = voters

    def fit(self, volumes: Sequence[CoarseVolume], device: "torch.device") -> Job[None]:
        """Let each learn for itself."""
        for voter in self._voters:
            yield from voter.fit(volumes, device)

    def propose(self, volume: CoarseVolume) -> Job[Evidence]:
        """What they agree on."""
        from napari_hypseg.methods.localizers.coherence import combine

        votes = []
        for voter in self._voters:
            votes.append((yield from voter.propose(volume)))
        z, y, x = (np.mean(axis, axis=0).astype(np.float32) for axis in zip(*(v.profiles for v in votes), strict=True))
        return Evidence(combine([vote.map for vote in votes]), (z, y, x))


def _build(settings: VoteSettings, n_channels: int) -> Vote:
    from napari_hypseg.methods.localizers.slice_localizers import ROTATION, SORTING

    chosen = {"seed": settings.seed}
    return Vote([one.build(one.settings(**chosen), n_channels) for one in (SORTING, ROTATION)])


LOCALIZER = Localizer(
    name="vote",
    title="Sorting and rotation",
    description="Both localizers; the sample is what they agree on.",
    settings=VoteSettings,
    build=_build,
)
