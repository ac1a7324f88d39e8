"""The chapter of `python -m benchmarks real`: a table for each volume, of everything that was ever measured of it."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.real.annotated_volumes import EVERY, Dice, KnownCase
from benchmarks.real.records import GroupRecord, RealRecord
from benchmarks.real.rows import Column, Row, columns_of, rows_of
from benchmarks.reporting.page import placeholder, table
from benchmarks.reporting.table_format import NONE

INTRODUCTION = """\
## Real volumes

Every specimen is segmented by itself, without a label. Features that nobody had to learn go through the same leaves and
trees as what is learned. In each cell: Dice of the best single region of any tree, which is what one click can select;
of what is selected after three clicks by a simulated person who clicks where something is still wrong and takes the
region around it, of any tree, that helps most (– where that was not measured); of the best union of leaves, beyond
which no patience helps; and the fewest regions of one tree to pick for a Dice of 0.85. After ± stands the standard
deviation over seeds, where there are several. What holds everything that counts, as the brain inside its mask, is left
out. In the pictures the truth is outlined in blue and the best region in yellow, on the slice that holds most of the
structure.

Rows whose names end in -kmeans or -mixture are an unsupervised picker of particles in tomograms (PickET, Arvindekar et
al. 2025): each voxel is described by the window of 5³ voxels around it, in the volume smoothed by a Gaussian of 2
voxels, by grey values, by the amplitudes of the Fourier transform, or by 64 of 1000 Gabor filters, and two clusters are
made of them by k-means or a mixture of Gaussians; a click adds or takes away a cluster, or all. Settings are the
published ones, but clusters are fitted to 20 000 windows, windows reach over the border, so that every voxel is in a
cluster, and the volume is not denoised by TomoEED before. Of several channels the windows are joined. The row slic is
Ward's tree over the mean grey values of at most 20 000 SLIC supervoxels."""


def section_name(case: KnownCase) -> str:
    """Of the marks in the page."""
    return f"real {case.name}"


CHAPTER = "\n\n".join(
    [INTRODUCTION, *(f"### {case.name}: {case.content}\n\n{placeholder(section_name(case))}" for case in EVERY)]
)
"""For the template of the page."""


def real_sections(records: Sequence[RealRecord]) -> dict[str, str | None]:
    """Markdown for each case; None for what was never measured."""
    sections = {}
    for case in EVERY:
        own = [one for one in records if one.volume == case.name]
        sections[section_name(case)] = _section(case, own) if own else None
    return sections


def _section(case: KnownCase, records: Sequence[RealRecord]) -> str:
    specimens = sorted({one.specimen for one in records})
    parts = _tables(case, specimens, records) if any(one.groups for one in records) else []
    pictured = {one.picture: one for one in records if one.picture}
    parts += _of_three(case, specimens, records) if case.of_three else []
    parts += [f"![{one.specimen}: {case.content}; {one.method}](images/{name})" for name, one in pictured.items()]
    return "\n\n".join([*parts, *_told(records)])


def _tables(case: KnownCase, specimens: Sequence[str], records: Sequence[RealRecord]) -> list[str]:
    """A table of means with what others say of the volume; of several specimens also one for each."""
    parts = [_table(records, case.told)]
    if len(specimens) > 1:
        parts = [f"Mean over {', '.join(specimens)}:", *parts]
        for name in specimens:
            parts += [f"{name} alone:", _table([one for one in records if one.specimen == name], {})]
    return parts


def _table(records: Sequence[RealRecord], told: Mapping[str, Dice]) -> str:
    columns = columns_of(records)
    said = [(who, NONE, NONE, *(_said(dice, column) for column in columns)) for who, dice in told.items()]
    measured = [
        (row.title, str(row.leaves), f"{row.seconds:.0f}", *(row.cell(column) for column in columns))
        for row in rows_of(records)
    ]
    return table(("", "leaves", "seconds", *(column.title for column in columns)), [*said, *measured])


def _said(dice: Dice, column: Column) -> str:
    said = [dice[name] for name in column.names if name in dice]
    return f"{said[0]:.2f}" if len(column.names) == len(said) == 1 else NONE


def _of_three(case: KnownCase, specimens: Sequence[str], records: Sequence[RealRecord]) -> list[str]:
    """A table of the best of three regions beside what others say of it."""
    names = tuple(dict.fromkeys(name for dice in case.of_three.values() for name in dice))
    rows = []
    for row in rows_of(records):
        own = [Row(tuple(r for r in row.records if r.specimen == specimen)) for specimen in specimens]
        for tree in dict.fromkeys(tree for group in row.groups(names) for tree in group.best_of_three):
            cells = (one.over_seeds(names, _three(tree)) for one in (*own, row))
            rows.append((f"{row.title}, {tree}", *cells))
    said = [
        (f"*Published: {who}*", *[NONE] * len(specimens), f"{dice[names[0]]:.3f}")
        for who, dice in case.of_three.items()
    ]
    return [f"The best of three regions for the {names[0]}:", table(("", *specimens, "mean"), [*rows, *said])]


def _three(tree: str) -> Callable[[GroupRecord], float]:
    return lambda group: group.best_of_three[tree]


def _told(records: Sequence[RealRecord]) -> list[str]:
    """What was typed, on which machines."""
    commands, machines = (dict.fromkeys(told) for told in zip(*((r.command, r.machine) for r in records), strict=True))
    return ["```console\n" + "\n".join(commands) + "\n```", *(f"Measured with {one}." for one in machines)]
