"""Finding small samples in tubes of medium: scans that nothing was tuned on, each learned from alone.

Settings and the weights of the certainty were chosen on seeds below `FIRST_SEED`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.ct_phantom.tube import TubeChoices, choices_of, draw_tube_shape, tube_phantom
from benchmarks.locate.box_scores import BoxScore, score_box
from benchmarks.locate.kept_rows import KeptRows
from benchmarks.locate.timed_locate import locating
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes import Index3

FIRST_SEED = 52_000
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)
"""Limits of the bins of certainty."""


@dataclass(frozen=True)
class TubePlan:
    """How many scans, and between which numbers of voxels their edges lie."""

    count: int
    edges: tuple[int, int]


FULL_TUBES = TubePlan(18, (96, 256))
QUICK_TUBES = TubePlan(1, (48, 56))


@dataclass(frozen=True)
class TubeRow:
    """What one localizer found in one scan."""

    method: str
    seed: int
    shape: Index3
    choices: TubeChoices
    score: BoxScore
    certainty: float
    seconds: float


@dataclass(frozen=True)
class CalibrationBin:
    """Scans whose certainty lies between two limits: how many, and the mean of their certainty and of their IoU."""

    low: float
    high: float
    count: int
    certainty: float
    iou: float
    worst_iou: float


def tube_rows(plan: TubePlan, settings: Sequence[LocateSettings], kept: Path) -> Job[list[TubeRow]]:
    """Learn from each of `plan.count` scans alone and score the box found in it.

    Each row is kept in the file `kept` as soon as it is measured, and taken from there after a stop.
    """
    rows = []
    for one in settings:
        file = KeptRows(kept, TubeRow, one.model_dump_json())
        there = {(row.seed, row.shape): row for row in file.read()}
        for seed in range(FIRST_SEED, FIRST_SEED + plan.count):
            shape = draw_tube_shape(seed, plan.edges)
            if (seed, shape) not in there:
                yield StageMessage(f"{one.method}: scan {seed - FIRST_SEED + 1} of {plan.count}")
                there[seed, shape] = yield from _measured(seed, shape, one)
                file.add(there[seed, shape])
            rows.append(there[seed, shape])
    return rows


def _measured(seed: int, shape: Index3, settings: LocateSettings) -> Job[TubeRow]:
    made = tube_phantom(shape, seed)
    located = yield from locating([made.volume], settings)
    (proposal,) = located.proposals
    score = score_box(proposal.box, made.box, shape, made.mask)
    return TubeRow(settings.method, seed, shape, choices_of(seed), score, proposal.certainty, located.seconds)


def calibration(certainties: Sequence[float], ious: Sequence[float]) -> list[CalibrationBin]:
    """Reliability of certainties that claim to be the expected IoU; bins that hold nothing are left out."""
    found, truth = np.asarray(certainties, dtype=np.float64), np.asarray(ious, dtype=np.float64)
    which = np.clip(np.digitize(found, BINS) - 1, 0, len(BINS) - 2)
    bins = []
    for number in np.unique(which):
        here = which == number
        means = float(found[here].mean()), float(truth[here].mean()), float(truth[here].min())
        bins.append(CalibrationBin(BINS[number], BINS[number + 1], int(here.sum()), *means))
    return bins


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Mean distance of certainty from IoU over the bins, weighted by their counts (expected calibration error)."""
    return sum(b.count * abs(b.certainty - b.iou) for b in bins) / max(1, sum(b.count for b in bins))
