"""Measurements of many seeds as lines of a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from benchmarks.phantom.records import NO_LEAVES, Record
from benchmarks.phantom.rows import OF_DIMENSION, QualityRow, choose_rows, row_named
from benchmarks.segmentation.regions import LEVEL_OF
from benchmarks.segmentation.run_spec import RunBudget

USUAL_LEAVES = (NO_LEAVES, RunBudget.leaves)
"""Numbers of leaves that a line does not mention."""


@dataclass(frozen=True)
class Spread:
    """Matched Dice of a line.

    Parameters
    ----------
    mean
        Over seeds and volumes.
    seeds
        Standard deviation over the seeds of the mean over the volumes; None of one seed.
    volumes
        Standard deviation over the volumes of the mean over the seeds; None of one volume.
    """

    mean: float
    seeds: float | None
    volumes: float | None


@dataclass(frozen=True)
class Line:
    """What one row reached with one grouping, budget and device.

    Parameters
    ----------
    row, title
        The row, None if there is none of that name any more, and what it is called.
    budget, device
        Of learning, in words; the budget is empty where nothing is learned.
    n_seeds
        How often it was learned.
    dice
        By number of regions.
    learn_seconds, segment_seconds
        Mean over the seeds.
    """

    row: QualityRow | None
    title: str
    budget: str
    device: str
    n_seeds: int
    dice: Mapping[int, Spread]
    learn_seconds: float
    segment_seconds: float


def lines(records: Iterable[Record]) -> list[Line]:
    """Lines of records that share a scene, in the order of the rows."""
    groups: dict[tuple[str, str, str, str, int], list[Record]] = {}
    for one in records:
        groups.setdefault((one.row, one.grouping, one.budget, one.device, one.leaves), []).append(one)
    order = [row.name for row in choose_rows()]
    place = {name: number for number, name in enumerate(order)}
    ordered = sorted(groups.values(), key=lambda group: place.get(_base(group[0]), len(order)))
    return [_line(group) for group in ordered]


def _base(record: Record) -> str:
    """Name of a row without the latent dimension that it was tried with."""
    return record.row.partition(OF_DIMENSION)[0]


def _line(group: Sequence[Record]) -> Line:
    first = group[0]
    row = row_named(first.row)
    title = row.line(first.grouping) if row else f"{first.row}, {first.grouping}"
    return Line(
        row=row,
        title=title if first.leaves in USUAL_LEAVES else f"{title}, {first.leaves} leaves",
        budget=first.budget,
        device=first.device,
        n_seeds=len(group),
        dice={k: _spread([one.dice[str(k)] for one in group]) for k in LEVEL_OF},
        learn_seconds=mean(one.learn_seconds for one in group),
        segment_seconds=mean(one.segment_seconds for one in group),
    )


def _spread(values: Sequence[Sequence[float]]) -> Spread:
    """Of Dice by seed and volume."""
    by_seed = [mean(one) for one in values]
    by_volume = [mean(one) for one in zip(*values, strict=True)]
    return Spread(mean(by_seed), _deviation(by_seed), _deviation(by_volume))


def _deviation(values: Sequence[float]) -> float | None:
    return stdev(values) if len(values) > 1 else None
