"""The page of what is carried over."""

from collections.abc import Sequence
from statistics import mean

from benchmarks.apply.records import ApplyRecord
from benchmarks.reporting.page import placeholder, table
from benchmarks.reporting.table_format import NONE, number, percent, with_spread

PAGE, RECORDS, BATCH_RECORDS = "apply.md", "apply.json", "apply_batches.json"
SUMMARY, VOLUMES, BATCHES, RUN = "summary", "volumes", "batches", "run"
ASKED, ASKED_SHARE = 0.9, 0.25
TEMPLATE = f"""\
# What is carried to other volumes

Some volumes are learned together, and a simulated person names each structure in them with five clicks. Model, leaves,
trees and structures are then carried to a volume of the same kind that took no part (`hypseg apply`). For comparison,
the same person names the structure with five clicks on that volume itself, learned for as long. Every volume is the new
one once. Where nobody knows what is where, the four regions into which all volumes, learned together, fall first stand
for structures: what is measured there is how far two ways agree. *Learned together* is what is named on the others and
read on the new volume where all of them were learned at once and have the same leaves.

## Summary

{placeholder(SUMMARY)}

## Each volume

Dice after five clicks, mean over simulated persons, then over the seeds: where it was named / carried to the new
volume / named on the new volume itself.

{placeholder(VOLUMES)}

## Batch effects

A phantom of 64³ voxels is imaged four times: as it is, with less contrast and an offset, blurred, and through a
transfer function that starts low and oscillates, each with noise of its own. All four are learned together. *Condition
told* is how often a linear classifier tells from the latent point of a voxel which of the four it is of, in slabs that
it did not learn from; *class told* how often it tells the class of the phantom, balanced, where it learned classes in
the other three volumes. *Matched Dice of common leaves*: the leaves that fit a class best in three volumes, compared
with that class in the fourth.

{placeholder(BATCHES)}

## How it was measured

{placeholder(RUN)}
"""


def apply_sections(records: Sequence[ApplyRecord]) -> dict[str, str | None]:
    """Markdown of each section by name."""
    if not records:
        return dict.fromkeys((SUMMARY, VOLUMES, RUN))
    return {SUMMARY: _summary(records), VOLUMES: _volumes(records), RUN: _run(records)}


def _summary(records: Sequence[ApplyRecord]) -> str:
    head = (
        "", "named", "carried", "on itself", "carried / on itself", "learned together", "leaves of one volume alone",
        "the same, learned together", "wrong where doubtful", "wrong elsewhere", "seconds to apply", "to segment",
    )  # fmt: skip
    rows = [_row(name, [one for one in records if one.case == name]) for name in _cases(records)]
    told = (
        f"Asked for: carried at least {ASKED:.0%} of what is reached on the volume itself, and at most "
        f"{ASKED_SHARE:.0%} of the voxels in leaves that one volume alone fills."
    )
    return f"{table(head, rows)}\n\n{told}"


def _row(name: str, records: Sequence[ApplyRecord]) -> tuple[str, ...]:
    seeds = [[one for one in records if one.seed == seed] for seed in sorted({one.seed for one in records})]
    named, carried, own = (
        [mean(getattr(s, what) for one in of_seed for s in one.structures.values()) for of_seed in seeds]
        for what in ("named", "carried", "own")
    )
    ratios = [a / max(b, 1e-9) for a, b in zip(carried, own, strict=True)]
    together = [
        [s.together for one in of_seed for s in one.structures.values() if s.together is not None] for of_seed in seeds
    ]
    wrong = [
        [w for one in records if (w := getattr(one, key)) is not None] for key in ("wrong_doubtful", "wrong_certain")
    ]
    return (
        name,
        *(with_spread(values, 2) for values in (named, carried, own, ratios)),
        with_spread([mean(values) for values in together if values], 2),
        *(_share(mean(getattr(one, key) for one in records)) for key in ("one_sided", "one_sided_together")),
        *(_share(mean(values) if values else None) for values in wrong),
        *(number(mean(getattr(one, key) for one in records), 0) for key in ("seconds_apply", "seconds_segment")),
    )


def _share(value: float | None) -> str:
    return NONE if value is None else f"{percent(value, 0)} %"


def _volumes(records: Sequence[ApplyRecord]) -> str:
    parts = []
    for name in _cases(records):
        own = [one for one in records if one.case == name]
        structures = list(dict.fromkeys(structure for one in own for structure in one.structures))
        rows = [
            (target, *(_cell([one for one in own if one.target == target], structure) for structure in structures))
            for target in dict.fromkeys(one.target for one in own)
        ]
        parts.append(f"**{name}**\n\n{table(('new volume', *structures), rows)}")
    return "\n\n".join(parts)


def _cell(records: Sequence[ApplyRecord], structure: str) -> str:
    found = [one.structures[structure] for one in records if structure in one.structures]
    words = [
        number(mean(getattr(s, what) for s in found) if found else None, 2) for what in ("named", "carried", "own")
    ]
    return " / ".join(words)


def _run(records: Sequence[ApplyRecord]) -> str:
    seeds = ", ".join(map(str, sorted({one.seed for one in records})))
    ways = "; ".join(dict.fromkeys(f"{one.budget}, {one.leaves} leaves" for one in records))
    commands = "\n".join(dict.fromkeys(one.command for one in records))
    machines = [f"Measured with {machine}." for machine in dict.fromkeys(one.machine for one in records)]
    return "\n\n".join([f"{ways}; seeds {seeds}.", f"```console\n{commands}\n```", *machines])


def _cases(records: Sequence[ApplyRecord]) -> list[str]:
    return list(dict.fromkeys(one.case for one in records))
