"""Trees of real volumes as rows and columns: means over specimens, seeds and, where there are many, structures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import mean, median
from typing import Any

from benchmarks.real.records import GroupRecord, RealRecord
from benchmarks.reporting.table_format import NONE, with_spread

FEW_CLICKS = "3"
"""Simulated clicks of which a table tells the Dice."""
MOST_COLUMNS = 10
"""Where there are more structures than this, those of a level are taken together."""


@dataclass(frozen=True)
class Worth:
    """What was reached in the mean over groups, specimens or seeds.

    Parameters
    ----------
    best_node_dice, leaf_union_dice
        Means.
    best_by_tree, dice_after_clicks
        Means by the tree's name and by the number of clicks; empty where that was not measured.
    clicks_to_85
        Median over those for which some number of nodes is enough, None if there are none.
    reached, count
        For how many of how many one is.
    """

    best_node_dice: float
    leaf_union_dice: float
    best_by_tree: Mapping[str, float]
    dice_after_clicks: Mapping[str, float]
    clicks_to_85: float | None
    reached: int
    count: int


def worth_of(groups: Sequence[GroupRecord]) -> Worth:
    """Over one or more."""
    clicks = [one.clicks_to_85 for one in groups if one.clicks_to_85 is not None]
    return Worth(
        mean(one.best_node_dice for one in groups),
        mean(one.leaf_union_dice for one in groups),
        _means([one.best_by_tree for one in groups]),
        _means([one.dice_after_clicks for one in groups]),
        median(clicks) if clicks else None,
        len(clicks),
        len(groups),
    )


@dataclass(frozen=True)
class Column:
    """Structures that are taken together; one of them, as a rule."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """Records of one volume that were made in the same way.

    Parameters
    ----------
    records
        At least one: of every specimen and seed.
    """

    records: tuple[RealRecord, ...]

    @property
    def title(self) -> str:
        """What made it, and how long it learned where."""
        first = self.records[0]
        return f"{first.method}, {first.budget} on {first.device}" if first.learns else first.method

    @property
    def leaves(self) -> int:
        """Of each tree."""
        return self.records[0].leaves

    @property
    def seconds(self) -> float:
        """For a tree, in the mean."""
        return mean(one.seconds for one in self.records)

    def groups(self, names: Iterable[str]) -> list[GroupRecord]:
        """What was reached for structures, in each record in which they occur."""
        return [one.groups[name] for one in self.records for name in names if name in one.groups]

    def cell(self, column: Column) -> str:
        """Best node and its spread, Dice after a few clicks, best union of leaves, and fewest nodes."""
        groups = self.groups(column.names)
        best = self.over_seeds(column.names, lambda group: group.best_node_dice)
        return _cell(worth_of(groups), best) if groups else NONE

    def over_seeds(self, names: Sequence[str], value: Callable[[GroupRecord], float]) -> str:
        """Mean over structures and specimens, of several seeds with the standard deviation over them."""
        seeds = dict.fromkeys(one.seed for one in self.records)
        rows = [Row(tuple(one for one in self.records if one.seed == seed)) for seed in seeds]
        each = [mean(map(value, groups)) for row in rows if (groups := row.groups(names))]
        return with_spread(each, 2)

    def as_dict(self) -> dict[str, Any]:
        """Means over specimens and seeds, for JSON."""
        names = dict.fromkeys(name for one in self.records for name in one.groups)
        return {
            "volume": self.records[0].volume,
            "method": self.records[0].method,
            "specimens": list(dict.fromkeys(one.specimen for one in self.records)),
            "seconds": self.seconds,
            "groups": {name: asdict(worth_of(self.groups([name]))) for name in names},
        }


def rows_of(records: Iterable[RealRecord]) -> list[Row]:
    """One for each volume and each way it was segmented."""
    alike: dict[tuple[object, ...], list[RealRecord]] = {}
    for record in records:
        alike.setdefault((record.volume, record.row), []).append(record)
    return [Row(tuple(same)) for same in alike.values()]


def columns_of(records: Iterable[RealRecord]) -> list[Column]:
    """One for each structure, or for each level where these are too many."""
    levels = {name: group.level for record in records for name, group in record.groups.items()}
    if len(levels) <= MOST_COLUMNS:
        return [Column(name, (name,)) for name in levels]
    members = {level: tuple(name for name in levels if levels[name] == level) for level in sorted({*levels.values()})}
    return [Column(f"level {level}: {len(names)} structures", names) for level, names in members.items()]


def _cell(worth: Worth, best: str) -> str:
    clicks = NONE if worth.clicks_to_85 is None else f"{worth.clicks_to_85:g}"
    partly = f" ({worth.reached} of {worth.count})" if 0 < worth.reached < worth.count else ""
    clicked = worth.dice_after_clicks.get(FEW_CLICKS)
    others = (NONE if one is None else f"{one:.2f}" for one in (clicked, worth.leaf_union_dice))
    return " · ".join((best, *others, f"{clicks}{partly}"))


def _means(each: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean by key over those that have it."""
    keys = dict.fromkeys(key for one in each for key in one)
    return {key: mean(one[key] for one in each if key in one) for key in keys}
