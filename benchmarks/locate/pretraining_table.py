"""Whether learning to sort helps the segmentation, as tables."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev

from benchmarks.locate.pretraining import DEFAULT, SORTING, UNTRAINED, PretrainingPlan, TreeScore
from benchmarks.reporting.page import table
from benchmarks.reporting.table_format import NONE, percent

Variant = tuple[str, float | None]


def pretraining_section(scores: Sequence[TreeScore], plan: PretrainingPlan) -> str:
    """A table for each kind of volume."""
    told = (
        f"{plan.count} of each kind of volume, {plan.edge}³ voxels, each learned from alone in {plan.steps} steps, "
        f"{plan.leaves} leaves. Mean ± standard deviation over the volumes; differences are "
        "taken volume by volume."
    )
    tables = []
    for kind in dict.fromkeys(score.kind for score in scores):
        tables += [f"### {kind[:1].upper()}{kind[1:]}", _table([score for score in scores if score.kind == kind])]
    return "\n\n".join([told, *tables])


def _table(scores: Sequence[TreeScore]) -> str:
    """One row for each variant."""
    variants: dict[Variant, list[TreeScore]] = {}
    for score in scores:
        variants.setdefault((score.variant, score.share), []).append(score)
    groups = list(scores[0].dice)
    rows = ((_name(variant), *_cells(variant, variants, groups)) for variant in variants)
    return table(("", "all groups", "more than the default", "more than untrained", *groups), rows)


def _cells(variant: Variant, variants: Mapping[Variant, Sequence[TreeScore]], groups: Sequence[str]) -> tuple[str, ...]:
    own, (name, share) = variants[variant], variant
    gains = (
        _gain(own, variants[DEFAULT, None]) if name != DEFAULT else NONE,
        _gain(own, variants[UNTRAINED, share]) if name == SORTING else NONE,
    )
    means = [[_mean(score) for score in own], *([score.dice[group] for score in own] for group in groups)]
    all_groups, *each = map(_spread, means)
    return (all_groups, *gains, *each)


def _gain(own: Sequence[TreeScore], other: Sequence[TreeScore]) -> str:
    return _spread([_mean(new) - _mean(old) for new, old in zip(own, other, strict=True)], "+")


def _mean(score: TreeScore) -> float:
    """Over the groups."""
    return mean(score.dice.values())


def _spread(values: Sequence[float], sign: str = "") -> str:
    """Mean and standard deviation; of one value there is none."""
    around = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):{sign}.3f}{around}"


def _name(variant: Variant) -> str:
    name, share = variant
    return name if share is None else f"{name}, {percent(share, 0)} % of the variance"
