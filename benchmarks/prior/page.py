"""The page of what an anatomical prior adds."""

from collections.abc import Sequence
from statistics import mean

from benchmarks.prior.measure import TRUE, VARIANTS
from benchmarks.prior.records import PriorRecord
from benchmarks.reporting.page import placeholder, table
from benchmarks.reporting.table_format import number, with_spread

PAGE, RECORDS = "prior.md", "prior.json"
SUMMARY, BORDERS, STRUCTURES, RUN = "summary", "borders", "structures", "run"
TEMPLATE = f"""\
# An anatomical prior on a brain

Label maps of two brains, without images, become a prior ([method](../methods/anatomical.md)); the T1 image of a third
brain is segmented with it, and compared with labels of that brain, which took no part.

## Summary

{placeholder(SUMMARY)}

## Borders

{placeholder(BORDERS)}

## Each structure

{placeholder(STRUCTURES)}

## How it was measured

{placeholder(RUN)}
"""


def prior_sections(records: Sequence[PriorRecord]) -> dict[str, str | None]:
    """Markdown of each section by name."""
    if not records:
        return dict.fromkeys((SUMMARY, BORDERS, STRUCTURES, RUN))
    found = [one for one in records if one.variant != TRUE]
    return {
        SUMMARY: _summary(found),
        BORDERS: _borders(records),
        STRUCTURES: _structures(found),
        RUN: _run(records),
    }


def _grids(records: Sequence[PriorRecord]) -> list[int]:
    return sorted({one.grid for one in records}, reverse=True)


def _summary(records: Sequence[PriorRecord]) -> str:
    rows = []
    for grid in _grids(records):
        for variant in VARIANTS:
            own = [one for one in records if (one.variant, one.grid) == (variant, grid)]
            if own:
                rows.append((str(grid), variant, *_summarised(own)))
    head = (
        "grid", "", "seeds", "mean Dice", "structures above 0.5, %", "seconds of learning the prior", "of the volume"
    )  # fmt: skip
    return table(head, rows)


def _summarised(own: Sequence[PriorRecord]) -> tuple[str, ...]:
    means = [mean(one.dice.values()) for one in own]
    shares = [100 * mean(value > 0.5 for value in one.dice.values()) for one in own]
    seconds = mean(one.seconds_prior for one in own), mean(one.seconds_volume for one in own)
    return (str(len(own)), with_spread(means, 3), with_spread(shares, 0), *(number(one, 0) for one in seconds))


def _borders(records: Sequence[PriorRecord]) -> str:
    rows = []
    for grid in _grids(records):
        for variant in VARIANTS:
            own = [one.borders for one in records if (one.variant, one.grid) == (variant, grid)]
            if own:
                shares = [100 * one["outside"] for one in own]
                roughness, components = ([one[name] for one in own] for name in ("roughness", "components"))
                rows.append(
                    (str(grid), variant, with_spread(roughness, 2), with_spread(shares, 1), with_spread(components, 0))
                )
    head = ("grid", "", "surface for the volume", "voxels outside the largest component, %", "components")
    return table(head, rows)


def _structures(records: Sequence[PriorRecord]) -> str:
    """Of the finest grid."""
    finest = [one for one in records if one.grid == _grids(records)[0]]
    there = [variant for variant in VARIANTS if any(one.variant == variant for one in finest)]
    rows = [
        (name, *(with_spread([one.dice[name] for one in finest if one.variant == v], 2) for v in there))
        for name in finest[0].dice
    ]
    return table(("structure", *there), rows)


def _run(records: Sequence[PriorRecord]) -> str:
    ways = dict.fromkeys(
        f"Grid of {one.grid} voxels along its longest edge, {one.prior_steps} steps for a prior, {one.steps} for the "
        "volume."
        for one in records
    )
    commands = "\n".join(dict.fromkeys(one.command for one in records))
    machines = [f"Measured with {machine}." for machine in dict.fromkeys(one.machine for one in records)]
    return "\n\n".join([*ways, f"```console\n{commands}\n```", *machines])
