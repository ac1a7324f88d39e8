"""The page of `python -m benchmarks clicks`, and its part of the page of the explorer."""

from collections.abc import Sequence
from statistics import mean

from benchmarks.clicks.averages import Value, mean_of, of_dabs, on_pieces, on_regions, over_volumes, volume_names
from benchmarks.clicks.comparisons import CLICKS
from benchmarks.clicks.levels import level_table
from benchmarks.clicks.records import ClickRecord
from benchmarks.reporting.page import placeholder, table
from benchmarks.reporting.table_format import number, with_spread

PAGE, FIGURE = "clicks.md", "images/clicks.svg"
PARTS_OF_PAGE = ("summary", "verdict", "trees", "pieces", "levels", "volumes", "run")
SUMMARY, VERDICT, TREES, PIECES, LEVELS, VOLUMES, RUN = SECTIONS = tuple(f"clicks {name}" for name in PARTS_OF_PAGE)
JUDGED = (1, 3, 5, 8)
"""Numbers of clicks beside the trees."""
DIGITS = 2
MARGIN, UNION_SHARE = 0.10, 0.95
"""What five clicks are to reach above the best single region, and twenty of the best union."""
TEMPLATE = f"""\
# What a few clicks reach

A simulated person selects a structure. With regions, each click is on a random voxel of what is still wrong, and of the
regions of both trees around that voxel the one that helps most is added or taken away. With a pixel classifier, each
click is a dab of up to 27 voxels of one class around a random voxel of what is still wrong, after which a random forest
of 50 trees on the filter bank says of every voxel what it is. Mean Dice over 12 persons. The last column is a 3D U-Net
that was told the labels of 20 other generated volumes and learned for as long: a ceiling, if that is long enough. Where
no labels of others are at hand there is none. Dabs and network know nothing of the segmentation; where they were left
out at first (`--regions-alone`), the command without that flag adds them.

## All volumes

Mean over the structures of a specimen, over its specimens, over the volumes.

{placeholder(SUMMARY)}

{placeholder(VERDICT)}

![Dice after clicks on regions, after dabs, and what bounds them]({FIGURE})

Mean over structures; the band is from the lowest to the highest seed of learning.

## Each tree

Dice of the best single region of the tree of parts, of that of kinds, and of either, beside the best union of leaves
and what so many clicks reach: mean over the structures of a volume ± standard deviation over the seeds of learning.

{placeholder(TREES)}

## Single pieces

A person may also take only the connected piece of a region at the place clicked, as the key G does in the window. In
each cell: by clicks on regions / by clicks on regions or pieces of them, on the same regions; mean over the structures
of a volume and the seeds of learning. Where nearly every leaf is one piece there is nothing to win.

{placeholder(PIECES)}

## Each level

Of a specimen with more than eight structures the tables above and below hold the eight largest. Here are all that have
0.1 % of the voxels, by how many wholes they are part of: mean over the structures of a level ± standard deviation over
the seeds of learning.

{placeholder(LEVELS)}

## Each structure

In each cell: by clicks on regions / by dabs for a pixel classifier; mean over the seeds.

{placeholder(VOLUMES)}

## How it was measured

{placeholder(RUN)}
"""


def click_sections(records: Sequence[ClickRecord]) -> dict[str, str | None]:
    """Markdown of each section by name."""
    if not records:
        return dict.fromkeys(SECTIONS)
    return {
        SUMMARY: _summary(records),
        VERDICT: _verdict(records),
        TREES: _trees(records),
        PIECES: _pieces(records),
        LEVELS: level_table(records, JUDGED),
        VOLUMES: _volumes(records),
        RUN: _run(records),
    }


def similar_section(records: Sequence[ClickRecord], milliseconds: float, machine: str) -> str | None:
    """How well "more like this" finds the other leaves of a structure; None if it was not measured."""
    rows = []
    for volume in volume_names(records):
        own = [one for one in records if one.volume == volume]
        areas = [mean_of(own, lambda s: s.auc_latent), mean_of(own, lambda s: s.auc_joined)]
        if areas[0] is not None:
            rows.append((volume, *map(_shown, areas)))
    if not rows:
        return None
    every = [over_volumes(records, value) for value in (lambda s: s.auc_latent, lambda s: s.auc_joined)]
    told = (
        "One to three leaves of a structure are given, and all other leaves are ordered by how much they look like "
        "them: area under the ROC curve for the others of the structure, mean over its selections, structures and "
        f"specimens. An answer for 4096 leaves takes {milliseconds:.0f} ms ({machine}); target: 50 ms."
    )
    made = table(("", "latent points alone", "with descriptors"), [*rows, ("**mean**", *map(_shown, every))])
    return f"{told}\n\n{made}"


def _summary(records: Sequence[ClickRecord]) -> str:
    compared = [one for one in records if any(s.dabs for s in one.structures.values())]
    curves = [("clicks on regions", records, on_regions)]
    if len(compared) < len(records):
        curves += [("clicks on regions, where dabs were measured", compared, on_regions)] * bool(compared)
    curves.append(("dabs for a pixel classifier", compared, of_dabs))
    rows = [(name, *(_shown(over_volumes(own, of(n))) for n in CLICKS)) for name, own, of in curves]
    head = ("", *(f"{n} click{'s' if n > 1 else ''}" for n in CLICKS))
    best = [
        ("best single region", over_volumes(records, lambda s: s.best_node)),
        ("best union of leaves", over_volumes(records, lambda s: s.best_union)),
    ]
    told = "; ".join(f"{name} {_shown(value)}" for name, value in best)
    phantoms = [one for one in records if any(s.ceiling is not None for s in one.structures.values())]
    told_labels = _shown(over_volumes(phantoms, lambda s: s.ceiling))
    ceiling = f" A network that was told labels, on phantoms: {told_labels}." if phantoms else ""
    return f"{table(head, rows)}\n\nFor comparison, Dice of the {told}.{ceiling}"


def _verdict(records: Sequence[ClickRecord]) -> str:
    """What was hoped for, and whether it is so; where the pixel classifier is better, it is named."""
    node, union = (over_volumes(records, value) or 0 for value in (lambda s: s.best_node, lambda s: s.best_union))
    five, twenty = (over_volumes(records, on_regions(n)) or 0 for n in (5, 20))
    lines = [
        f"- Five clicks against the best single region: {five - node:+.2f} (hoped for: {MARGIN:+.2f}; the best "
        f"union of leaves, which bounds every choice of regions: {union - node:+.2f}).",
        f"- Twenty clicks of the best union of leaves: {twenty / max(union, 1e-9):.0%} (hoped for: {UNION_SHARE:.0%}).",
    ]
    behind = [
        f"{volume} after {', '.join(map(str, worse))}"
        for volume in volume_names(records)
        if (worse := _behind([one for one in records if one.volume == volume]))
    ]
    told = "; ".join(behind) if behind else "nowhere"
    return "\n".join([*lines, f"- The pixel classifier is ahead, on average over the structures: {told}."])


def _behind(records: Sequence[ClickRecord]) -> list[int]:
    """Numbers of clicks after which dabs reach more than regions."""
    pairs = [(n, mean_of(records, on_regions(n)), mean_of(records, of_dabs(n))) for n in CLICKS]
    return [n for n, regions, dabs in pairs if regions is not None and dabs is not None and dabs > regions]


def _trees(records: Sequence[ClickRecord]) -> str | None:
    """The best single region of each tree, mean over the structures of each volume, with its spread over seeds."""
    names = list(dict.fromkeys(name for one in records for s in one.structures.values() for name in s.nodes))
    values: list[tuple[str, Value]] = [(name, _in_tree(name)) for name in names]
    values += [("either", lambda s: s.best_node), ("best union", lambda s: s.best_union)]
    values += [(f"after {n}", on_regions(n)) for n in JUDGED]
    if not names:
        return None
    volumes = {volume: [one for one in records if one.volume == volume] for volume in volume_names(records)}
    rows = [(volume, *(_over_seeds(own, value) for _, value in values)) for volume, own in volumes.items()]
    every = [_shown(over_volumes(records, value)) for _, value in values]
    return table(("", *(name for name, _ in values)), [*rows, ("**mean**", *every)])


def _pieces(records: Sequence[ClickRecord]) -> str | None:
    """Regions beside regions or pieces of them, where both were clicked."""
    known = [one for one in records if all(s.pieces for s in one.structures.values())]
    rows = []
    for volume in volume_names(known):
        own = [one for one in known if one.volume == volume]
        count = len({one.seed for one in own})
        seeds = f", {count} seeds" if count > 1 else ""
        both = (f"{_shown(mean_of(own, on_regions(n)))} / {_shown(mean_of(own, on_pieces(n)))}" for n in CLICKS)
        rows.append((f"{volume}{seeds}", *both))
    return table(("", *map(str, CLICKS)), rows) if rows else None


def _volumes(records: Sequence[ClickRecord]) -> str:
    parts = []
    for volume, specimen in sorted({(one.volume, one.specimen) for one in records}):
        own = [one for one in records if (one.volume, one.specimen) == (volume, specimen)]
        head = ("", "best region", "best union", *map(str, CLICKS), "told labels")
        rows = [
            (
                name,
                _of_seeds(own, name, lambda s: s.best_node, spread=True),
                _of_seeds(own, name, lambda s: s.best_union),
                *(f"{_of_seeds(own, name, on_regions(n))} / {_of_seeds(own, name, of_dabs(n))}" for n in CLICKS),
                _of_seeds(own, name, lambda s: s.ceiling),
            )
            for name, s in sorted(own[0].structures.items(), key=lambda item: -item[1].share)
        ]
        title = volume if volume == specimen else f"{volume}, {specimen}"
        grid, seconds = "×".join(map(str, own[0].grid)), mean(one.seconds for one in own)
        seeds = f"; {len(own)} seeds" if len(own) > 1 else ""
        parts.append(f"**{title}** ({grid} voxels, {seconds:.0f} s to segment{seeds})\n\n{table(head, rows)}")
    return "\n\n".join(parts)


def _run(records: Sequence[ClickRecord]) -> str:
    ways = dict.fromkeys(f"{one.method}, {one.budget} on {one.device}, {one.leaves} leaves" for one in records)
    seeds = sorted({one.seed for one in records})
    commands, machines = (dict.fromkeys(told) for told in zip(*((r.command, r.machine) for r in records), strict=True))
    specimens, volumes = {(one.volume, one.specimen) for one in records}, volume_names(records)
    told = [
        f"{len(specimens)} specimens of {len(volumes)} volumes; {'; '.join(ways)}; "
        f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}.",
        "```console\n" + "\n".join(commands) + "\n```",
        *(f"Measured with {one}." for one in machines),
    ]
    return "\n\n".join(told)


def _in_tree(name: str) -> Value:
    return lambda structure: structure.nodes.get(name)


def _of_seeds(records: Sequence[ClickRecord], name: str, value: Value, spread: bool = False) -> str:
    """Mean of one structure over the seeds of a specimen, with its standard deviation where that is wanted."""
    found = [of for one in records if name in one.structures and (of := value(one.structures[name])) is not None]
    return with_spread(found, DIGITS) if spread else _shown(mean(found) if found else None)


def _over_seeds(records: Sequence[ClickRecord], value: Value) -> str:
    """Mean over the structures and specimens of a volume, and its standard deviation over seeds."""
    seeds = sorted({one.seed for one in records})
    each = [mean_of([one for one in records if one.seed == seed], value) for seed in seeds]
    return with_spread([one for one in each if one is not None], DIGITS)


def _shown(value: float | None) -> str:
    return number(value, DIGITS)
