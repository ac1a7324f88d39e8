"""Levels of a specimen with more structures than are shown one by one: what is reached for those of each level."""

from collections.abc import Mapping, Sequence
from statistics import mean

from benchmarks.clicks.comparisons import CLICKS, text_keys
from benchmarks.clicks.records import ClickRecord, LevelScore
from benchmarks.clicks.structures import large_structures
from benchmarks.real.annotated_groups import Group
from benchmarks.reporting.page import table
from benchmarks.reporting.table_format import with_spread
from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.scores import best_node_dice, leaf_union_dice
from napari_hypseg.hierarchy.simulated_clicks import dice_after_clicks
from napari_hypseg.hierarchy.tree import Hierarchy


def level_scores(
    groups: Sequence[Group], contingency: Contingency, trees: Mapping[str, Hierarchy], trials: int
) -> dict[str, LevelScore]:
    """Mean over the large structures of each level, by the level, which is text as JSON wants it.

    Parameters
    ----------
    groups
        All structures.
    contingency, trees
        Of the leaves and the labels, and over the leaves by name.
    trials
        Simulated persons.
    """
    scores = {}
    for level in sorted({one.level for one in groups}):
        own = [one for one in groups if one.level == level]
        if large := large_structures(own, contingency):
            scores[str(level)] = _level_score(large, len(own), contingency, trees, trials)
    return scores


def _level_score(
    groups: Sequence[Group], occurring: int, contingency: Contingency, trees: Mapping[str, Hierarchy], trials: int
) -> LevelScore:
    nodes = [{name: best_node_dice(contingency, tree, one.labels)[0] for name, tree in trees.items()} for one in groups]
    curves = [dice_after_clicks(contingency, list(trees.values()), one.labels, CLICKS, trials) for one in groups]
    return LevelScore(
        len(groups),
        occurring,
        {name: mean(one[name] for one in nodes) for name in trees},
        mean(max(one.values()) for one in nodes),
        mean(leaf_union_dice(contingency, one.labels) for one in groups),
        text_keys({n: mean(curve[n] for curve in curves) for n in CLICKS}),
    )


def level_table(records: Sequence[ClickRecord], clicks: Sequence[int]) -> str | None:
    """Each level of each volume whose levels are known, mean and spread over the seeds of learning.

    Parameters
    ----------
    records
        Of all volumes.
    clicks
        After how many the Dice is told.
    """
    known = [one for one in records if one.levels]
    places = dict.fromkeys((one.volume, level) for one in known for level in one.levels)
    if not places:
        return None
    trees = sorted({name for one in known for level in one.levels.values() for name in level.nodes})
    rows = [
        _row(
            place,
            [one.levels[place[1]] for one in known if one.volume == place[0] and place[1] in one.levels],
            trees,
            clicks,
        )
        for place in places
    ]
    return table(("", *trees, "either", "best union", *(f"after {n}" for n in clicks)), rows)


def _row(
    place: tuple[str, str], scores: Sequence[LevelScore], trees: Sequence[str], clicks: Sequence[int]
) -> tuple[str, ...]:
    volume, level = place
    columns = [
        *([one.nodes[name] for one in scores] for name in trees),
        [one.best_node for one in scores],
        [one.best_union for one in scores],
        *([one.regions[str(n)] for one in scores] for n in clicks),
    ]
    title = f"{volume}, level {level}: {scores[0].structures} of {scores[0].occurring} structures"
    return title, *(with_spread(values, 2) for values in columns)
