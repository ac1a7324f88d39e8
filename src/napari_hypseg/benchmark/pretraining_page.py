"""Whether learning to sort helps the segmentation, as tables."""

from collections.abc import Sequence
from statistics import mean, stdev

from napari_hypseg.benchmark.cells import NONE, percent
from napari_hypseg.benchmark.pretraining import DEFAULT, PretrainingPlan, TreeScore
from napari_hypseg.benchmark.report import table

Variant = tuple[str, float | None]


def pretraining_section(scores: Sequence[TreeScore], plan: PretrainingPlan) -> str:
    """A table for each kind of volume."""
    told = (
        f"{plan.count} of each kind of volume, {plan.edge}³ voxels, each learned from alone in {plan.steps} steps, "
        f"{plan.leaves} leaves. Mean ± standard deviation over the volumes; differences from the default method are "
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
    usual = [_mean(score) for score in variants[DEFAULT, None]]
    groups = list(scores[0].dice)
    rows = ((_name(variant), *_cells(own, usual, groups)) for variant, own in variants.items())
    return table(("", "all groups", "more than the default", *groups), rows)


def _cells(own: Sequence[TreeScore], usual: Sequence[float], groups: Sequence[str]) -> tuple[str, ...]:
    means = [_mean(score) for score in own]
    default = own[0].variant == DEFAULT
    gained = NONE if default else _spread([new - old for new, old in zip(means, usual, strict=True)], "+")
    return (_spread(means), gained, *(_spread([score.dice[group] for score in own]) for group in groups))


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
