"""The part of the page of qualities that `python -m benchmarks phantom` measures."""

from collections.abc import Sequence

from benchmarks.phantom.measure import QualityPlan
from benchmarks.phantom.published import ABOVE_BASELINES, HOPED_FOR, PUBLISHED, SHARE_OF_CEILING, TARGET
from benchmarks.phantom.records import Record
from benchmarks.phantom.rows import BASELINE, CEILING, DEFAULT
from benchmarks.phantom.summary import Line, Spread, lines
from benchmarks.reporting.page import table
from benchmarks.reporting.table_format import NONE
from benchmarks.segmentation.regions import LEVEL_OF
from benchmarks.segmentation.run_spec import RunBudget

REGIONS = tuple(f"{k} regions" for k in LEVEL_OF)
HEAD = ("", "learned for", *REGIONS, "seeds", "s a volume")
AS_PUBLISHED = "regular"
"""The variant that published numbers are held against."""


def sections(plan: QualityPlan, records: Sequence[Record]) -> dict[str, str | None]:
    """Markdown of each section by name, of the records of the plan's volumes; None where there are none."""
    shown = {variant: [one for one in records if one.scene == plan.scene(variant)] for variant in plan.variants}
    told = {f"phantom {name}": _variant(name, own) if own else None for name, own in shown.items()}
    measured = [one for own in shown.values() for one in own]
    return {**told, "phantom run": _run(plan, measured) if measured else None}


def _variant(name: str, records: Sequence[Record]) -> str:
    measured = lines(records)
    first = records[0]
    told = (
        f"{len(first.dice['2'])} {first.part} volumes of {first.edge}³ voxels, each segmented alone; "
        f"{first.learned} others were learned from. Trees have {RunBudget.leaves} leaves where nothing else is said. "
        "Matched Dice, mean ± standard deviation over the seeds of learning; in brackets that over the volumes."
    )
    rows = [_target("**Target**", TARGET), *map(_cells, measured)]
    if name == AS_PUBLISHED:
        rows += [_target(f"*Published: {whose}*", levels) for whose, levels in PUBLISHED.items()]
    return "\n\n".join([told, table(HEAD, rows), *_verdicts(measured)])


def _cells(line: Line) -> tuple[str, ...]:
    title = f"**{line.title}**" if line.row and line.row.kind == DEFAULT else line.title
    reached = (_spread(line.dice[k]) for k in LEVEL_OF)
    return (title, _budget(line), *reached, str(line.n_seeds), f"{line.segment_seconds:.1f}")


def _budget(line: Line) -> str:
    return f"{line.budget}, {line.device}" if line.budget else NONE


def _spread(dice: Spread) -> str:
    seeds = "" if dice.seeds is None else f" ± {dice.seeds:.3f}"
    return f"{dice.mean:.3f}{seeds}" + ("" if dice.volumes is None else f" ({dice.volumes:.2f})")


def _target(title: str, levels: Sequence[float]) -> tuple[str, ...]:
    return (title, NONE, *(f"{level:.3f}" for level in levels), NONE, NONE)


def _verdicts(measured: Sequence[Line]) -> list[str]:
    """A table of what was aimed at for each budget of the default method, none if that was not measured."""
    return [_verdict(line, measured) for line in measured if line.row and line.row.kind == DEFAULT]


def _verdict(line: Line, measured: Sequence[Line]) -> str:
    """Aims and whether they were reached: each is a bound for every number of regions, None where nothing bounds."""
    baselines, ceilings = (_best(measured, kind) for kind in (BASELINE, CEILING))
    aims = {
        "Target": TARGET,
        f"Best baseline + {ABOVE_BASELINES}": [bound and bound + ABOVE_BASELINES for bound in baselines],
        "Share of the ceiling": [
            bound and bound * share for bound, share in zip(ceilings, SHARE_OF_CEILING, strict=True)
        ],
        "What semi-supervised methods reach": HOPED_FOR,
    }
    reached = [line.dice[k].mean for k in LEVEL_OF]
    rows = [
        (aim, *(_against(value, bound) for value, bound in zip(reached, bounds, strict=True)))
        for aim, bounds in aims.items()
    ]
    return table((f"{line.title}, {_budget(line)}", *REGIONS), rows)


def _best(measured: Sequence[Line], kind: str) -> list[float | None]:
    """The best that lines of a kind reach, by number of regions."""
    own = [line for line in measured if line.row and line.row.kind == kind]
    return [max((line.dice[k].mean for line in own), default=None) for k in LEVEL_OF]


def _against(value: float, bound: float | None) -> str:
    if bound is None:
        return NONE
    return f"{value:.3f} ≥ {bound:.3f}: {'yes' if value >= bound else 'no'}"


def _run(plan: QualityPlan, records: Sequence[Record]) -> str:
    """What was typed, on which machines, and from which seeds the volumes were generated."""
    commands = dict.fromkeys(one.command for one in records)
    machines = dict.fromkeys(one.machine for one in records)
    seeds = {part: plan.split.seeds(part) for part in ("learned", plan.part)}
    said = "; ".join(f"{part}: {own.start} to {own.stop - 1}" for part, own in seeds.items())
    return "\n\n".join(
        [
            "```console\n" + "\n".join(commands) + "\n```",
            f"Seeds of the volumes: {said}.",
            *(f"Measured with {one}." for one in machines),
        ]
    )
