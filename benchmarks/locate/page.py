"""The page of `python -m benchmarks locate`: what was measured as tables."""

from collections.abc import Mapping, Sequence

from benchmarks.locate.ablation_table import ablation_section
from benchmarks.locate.measure import LocateResults
from benchmarks.locate.phantoms import Row
from benchmarks.locate.pretraining_table import pretraining_section
from benchmarks.locate.real_scans import RealRow
from benchmarks.locate.resources import Resources
from benchmarks.locate.tube_table import tube_section
from benchmarks.reporting.page import placeholder, table
from benchmarks.reporting.table_format import number, percent

SCORES = ("error of a face, % of the side", "worst", "IoU", "worst", "voxels lost, %", "worst", "seconds")

TEMPLATE = f"""\
# Finding the sample

{placeholder("run")}

## Phantoms that were not learned from

Target: error of a face below 1.5 % of the side, IoU at least 0.95, fewer than 0.1 % of the sample's voxels lost, and
half the error of the best threshold.

{placeholder("unseen")}

## One scan alone

Learned from one phantom and scored on it. Target: IoU at least 0.90.

{placeholder("single")}

## Small samples in tubes

A capillary or cylinder of medium in air, or medium as far as one sees; noise up to 0.2 of the medium's grey value,
specimens of its mean grey value that fill 5 % of the volume and less, bubbles, beads, a holder, rings. Each scan is
learned from alone. Target: mean IoU at least 0.85, none below 0.5.

{placeholder("scenes")}

## Real scans

Each learned from alone. Target: IoU at least 0.95 where the true box is known.

{placeholder("real")}

## Time and memory

Target: less than 3 minutes on two cores and less than 2 GB.

{placeholder("resources")}

## What the settings do

One setting of a localizer is changed at a time; the defaults are in bold. How well a localizer does what it is taught
on scans that it did not learn from is no end in itself, and depends on what is asked of it, as chance does. What counts
is how well its map tells the sample from everything else, and its profiles the slices that hold some of it. AUC: 1 is
perfect, 0.5 is chance.

{placeholder("ablation")}

## As pre-training

What single regions of the tree reach for known groups (best-node Dice) when the sorting localizer's embeddings of the
same volume are joined to the points that the default method makes leaves of, beside embeddings of an encoder that
learned nothing.

{placeholder("pretraining")}
"""


def sections(results: LocateResults, command: str, machine: Mapping[str, str]) -> dict[str, str | None]:
    """Markdown of each section by name; None for what was not measured.

    What was measured by itself says so, and how; what the page says of the whole run stays.
    """
    measured = {
        "unseen": _unseen(results.unseen, results) if results.unseen else None,
        "single": _single(results.single) if results.single else None,
        "scenes": tube_section(results.scenes) if results.scenes else None,
        "real": _real(results.real) if results.real else None,
        "resources": _resources(results.resources) if results.resources else None,
        "ablation": ablation_section(results.ablation, results.ablation_plan) if results.ablation else None,
        "pretraining": _pretraining(results),
    }
    told = _run(command, machine)
    if not results.only:
        return {"run": told, **measured}
    return {name: content and f"Measured by itself:\n\n{told}\n\n{content}" for name, content in measured.items()}


def _pretraining(results: LocateResults) -> str | None:
    return pretraining_section(results.pretraining, results.pretraining_plan) if results.pretraining else None


def _run(command: str, machine: Mapping[str, str]) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in machine.items())
    return f"```console\n{command}\n```\n\nMeasured with {facts}."


def _unseen(rows: Sequence[Row], results: LocateResults) -> str:
    told = f"{results.plan.train} scans learned from, {results.plan.unseen} others scored."
    learned = [f"{row.name}: {_metrics(row)}." for row in rows if row.metrics]
    return "\n\n".join([told, table(("", *SCORES), map(_score_cells, rows)), *learned, *_pictures(rows)])


def _single(rows: Sequence[Row]) -> str:
    return table(("", "scans", *SCORES), ((row.name, str(row.score.count), *_score_cells(row)[1:]) for row in rows))


def _pictures(rows: Sequence[Row]) -> list[str]:
    """The map in red, the box in yellow, the true one in blue."""
    return [f"![{row.name}: a generated scan](images/{name})" for row in rows for name in row.pictures]


def _score_cells(row: Row) -> tuple[str, ...]:
    score = row.score
    return (
        row.name,
        percent(score.error, 2),
        percent(score.worst_error, 2),
        f"{score.iou:.3f}",
        f"{score.worst_iou:.3f}",
        percent(score.lost, 3),
        percent(score.worst_lost, 3),
        number(row.seconds, 0),
    )


def _metrics(row: Row) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in row.metrics.items())


def _real(rows: Sequence[RealRow]) -> str:
    head = ("", "found by", "IoU", "labelled voxels lost, %", "certainty", "times smaller", "seconds", "box")
    cells = (
        (
            row.case.folder,
            row.method,
            number(row.iou, 3),
            percent(row.lost, 3),
            number(row.certainty, 2),
            f"{row.factor:.1f}",
            number(row.seconds, 0),
            str(row.box),
        )
        for row in rows
    )
    pictured = [row for row in rows if row.picture]
    pictures = [f"![{row.case.folder}: {row.case.content}; {row.method}](images/{row.picture})" for row in pictured]
    return "\n\n".join([table(head, cells), *pictures])


def _resources(rows: Sequence[Resources]) -> str:
    head = ("", "voxels", "on disk, GB", "seconds", "peak memory, GB")
    return table(
        head,
        (
            (
                row.method,
                "×".join(map(str, row.shape)),
                f"{row.volume_bytes / 1e9:.2f}",
                f"{row.seconds:.0f}",
                number(None if row.peak_bytes is None else row.peak_bytes / 1e9, 2),
            )
            for row in rows
        ),
    )
