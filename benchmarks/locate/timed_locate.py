"""Finding samples as a person would have it done, with what a benchmark wants to know about it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.locate.tap_metrics import tap_metrics
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.locate import locate
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.proposal import Proposal


@dataclass(frozen=True, eq=False)
class Located:
    """Proposals of one call.

    Parameters
    ----------
    proposals
        One for each volume, those that were only looked at last.
    seconds
        From the first voxel read to the last box.
    metrics
        What learning reported of itself last, by name.
    """

    proposals: tuple[Proposal, ...]
    seconds: float
    metrics: Mapping[str, float]


def locating(volumes: Sequence[Volume], settings: LocateSettings, also: Sequence[Volume] = ()) -> Job[Located]:
    """Learn from `volumes`, look in them and in `also`; yields what `locate` yields."""
    started, metrics = time.monotonic(), dict[str, float]()
    proposals = yield from tap_metrics(locate(volumes, settings, also), metrics.update)
    return Located(proposals, time.monotonic() - started, metrics)
