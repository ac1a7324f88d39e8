"""The page of `python -m benchmarks ablation`."""

from collections.abc import Callable, Sequence
from statistics import mean

from benchmarks.ablation.records import AblationRecord, StructureScore
from benchmarks.ablation.variants import EVERYTHING, TRIED, VARIANTS, WITHOUT, Variant
from benchmarks.clicks.subjects import PHANTOM
from benchmarks.reporting.page import placeholder, table
from benchmarks.reporting.table_format import number, with_spread
from napari_hypseg.hierarchy.simulated_clicks import CLICKS

PAGE = "ablation.md"
WITHOUT_ONE, OTHERS, VOLUMES, RUN = (f"ablation {name}" for name in ("without one", "others", "volumes", "run"))
DIGITS = 3
TEMPLATE = f"""\
# What each part of the default adds

Each volume is learned from once with each seed, its supervoxels are made once, and are then grouped in every way below
by the same functions, with other settings. Dice of the best single region of the trees that are offered, after so many
simulated clicks, and of the best union of leaves: mean over the structures of a specimen, over its specimens, over the
real volumes of which every row of the table was measured with every seed, ± standard deviation of that mean over the
seeds. Differences are to the first row, seed by seed; one that is not several times its deviation says nothing. What
the parts are is in [The default](../methods/default.md); persons and structures are those of [Clicks](clicks.md).

## With one part left out

{placeholder(WITHOUT_ONE)}

## With other settings

{placeholder(OTHERS)}

## Volume by volume

The best single region of any tree, mean over the structures and seeds. Phantoms are not in the means above.

{placeholder(VOLUMES)}

## How it was measured

{placeholder(RUN)}
"""

Value = Callable[[StructureScore], float]


def ablation_sections(records: Sequence[AblationRecord]) -> dict[str, str | None]:
    """Markdown of each section by name."""
    if not records:
        return dict.fromkeys((WITHOUT_ONE, OTHERS, VOLUMES, RUN))
    return {
        WITHOUT_ONE: _rows(WITHOUT, records),
        OTHERS: _rows((EVERYTHING, *TRIED), records),
        VOLUMES: _volumes(records),
        RUN: _run(records),
    }


def complete(records: Sequence[AblationRecord], variants: Sequence[Variant]) -> list[AblationRecord]:
    """Those of real volumes of which each specimen was measured with every seed and each of some variants."""
    seeds, names = {one.seed for one in records}, {variant.name for variant in variants}
    whole = [one for one in records if one.volume != PHANTOM and names <= set(one.variants)]
    measured = {(one.volume, one.specimen, one.seed) for one in whole}
    there = {(one.volume, one.specimen) for one in records}
    partial = {volume for volume, specimen in there for seed in seeds if (volume, specimen, seed) not in measured}
    return [one for one in whole if one.volume not in partial]


def _rows(variants: Sequence[Variant], records: Sequence[AblationRecord]) -> str | None:
    """Each variant beside the first one, over the volumes of which all of them are known."""
    compared = complete(records, variants)
    if not compared:
        return None
    values: list[tuple[str, Value]] = [("best region", _best_region)]
    values += [(f"after {n}", _after(n)) for n in CLICKS]
    values += [("best union", lambda score: score.best_union)]
    less: list[tuple[str, Value]] = [("best region, difference", _best_region), ("after 3, difference", _after(3))]
    head = ("", *(name for name, _ in (*values, *less)))
    rows = []
    for variant in variants:
        cells = [with_spread(_by_seed(compared, variant, value), DIGITS) for _, value in values]
        usual = variant == EVERYTHING
        cells += ["" if usual else _difference(compared, variant, value) for _, value in less]
        rows.append((f"**{variant.name}**" if usual else variant.name, *cells))
    return f"{_counted(compared)}\n\n{table(head, rows)}"


def _counted(records: Sequence[AblationRecord]) -> str:
    """What means are over, in words."""
    volumes = list(dict.fromkeys(one.volume for one in records))
    specimens, seeds = ({(one.volume, one.specimen) for one in records}, sorted({one.seed for one in records}))
    of_them = "" if len(specimens) == len(volumes) else f"{len(specimens)} specimens of "
    said = f"{len(volumes)} volume{'s' if len(volumes) > 1 else ''} ({', '.join(volumes)})"
    return f"Over {of_them}{said}, seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}."


def _difference(records: Sequence[AblationRecord], variant: Variant, value: Value) -> str:
    both = zip(_by_seed(records, variant, value), _by_seed(records, EVERYTHING, value), strict=True)
    text = with_spread([other - usual for other, usual in both], DIGITS)
    return text if text.startswith("-") else f"+{text}"


def _volumes(records: Sequence[AblationRecord]) -> str:
    names = list(dict.fromkeys(one.volume for one in records))
    rows = [
        (
            f"**{name}**" if variant == EVERYTHING else name,
            *(number(_mean_of([one for one in records if one.volume == volume], name), 2) for volume in names),
        )
        for name, variant in VARIANTS.items()
    ]
    return table(("", *names), rows)


def _run(records: Sequence[AblationRecord]) -> str:
    ways = dict.fromkeys(f"{one.method}, {one.budget} on {one.device}, {one.leaves} leaves" for one in records)
    commands, machines = (dict.fromkeys(told) for told in zip(*((r.command, r.machine) for r in records), strict=True))
    told = [
        f"{'; '.join(ways)}.",
        "```console\n" + "\n".join(commands) + "\n```",
        *(f"Measured with {one}." for one in machines),
    ]
    return "\n\n".join(told)


def _by_seed(records: Sequence[AblationRecord], variant: Variant, value: Value) -> list[float]:
    """With each seed, the mean over volumes of the means over specimens of the means over structures."""
    each = []
    for seed in sorted({one.seed for one in records}):
        own = [one for one in records if one.seed == seed]
        volumes = dict.fromkeys(one.volume for one in own)
        each.append(mean(_of([one for one in own if one.volume == name], variant.name, value) for name in volumes))
    return each


def _of(records: Sequence[AblationRecord], name: str, value: Value) -> float:
    return mean(mean(map(value, one.variants[name].values())) for one in records)


def _mean_of(records: Sequence[AblationRecord], name: str) -> float | None:
    """Best region of one volume, None if that variant was not measured."""
    there = [one for one in records if one.variants.get(name)]
    return _of(there, name, _best_region) if there else None


def _best_region(score: StructureScore) -> float:
    return score.best_region


def _after(n: int) -> Value:
    return lambda score: score.clicks[str(n)]
