"""The section of the localization page on small samples in tubes."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from benchmarks.locate.box_scores import summarise
from benchmarks.locate.tube_scenes import FIRST_SEED, TubeRow, calibration, calibration_error
from benchmarks.reporting.page import table
from benchmarks.reporting.table_format import number, percent

STRONG = 0.1
"""Noise, in grey values of the medium."""
GROUPS: Mapping[str, Callable[[TubeRow], bool]] = {
    "all": lambda row: True,
    "capillary": lambda row: row.choices.container == "capillary",
    "cylinder": lambda row: row.choices.container == "cylinder",
    "medium everywhere": lambda row: row.choices.container == "filling",
    "noise below 0.1": lambda row: row.choices.noise < STRONG,
    "noise from 0.1": lambda row: row.choices.noise >= STRONG,
    "a bead at the sample": lambda row: row.choices.touching,
}


def tube_section(rows: Sequence[TubeRow]) -> str:
    """Scores by what the scans show, then how far the certainty can be trusted, then every scan."""
    head = ("", "", "scans", "IoU", "worst", "below 0.5", "error of a face, % of the side", "voxels lost, %", "seconds")
    methods = dict.fromkeys(row.method for row in rows)
    cells = [_cells(method, group, _members(rows, method, group)) for method in methods for group in GROUPS]
    parts = [f"{len({row.seed for row in rows})} scans, seeds from {FIRST_SEED} on.", table(head, filter(None, cells))]
    for method in methods:
        parts += _calibration(method, [row for row in rows if row.method == method])
    return "\n\n".join([*parts, "### Every scan", table(*_every(rows))])


def _members(rows: Sequence[TubeRow], method: str, group: str) -> list[TubeRow]:
    return [row for row in rows if row.method == method and GROUPS[group](row)]


def _cells(method: str, group: str, rows: Sequence[TubeRow]) -> tuple[str, ...] | None:
    if not rows:
        return None
    score = summarise([row.score for row in rows])
    return (
        method,
        group,
        str(score.count),
        f"{score.iou:.3f}",
        f"{score.worst_iou:.3f}",
        str(sum(row.score.iou < 0.5 for row in rows)),
        percent(score.error, 2),
        percent(score.lost, 2),
        number(float(np.mean([row.seconds for row in rows])), 0),
    )


def _calibration(method: str, rows: Sequence[TubeRow]) -> Iterable[str]:
    bins = calibration([row.certainty for row in rows], [row.score.iou for row in rows])
    cells = (
        (f"{b.low:.1f}–{b.high:.1f}", str(b.count), f"{b.certainty:.2f}", f"{b.iou:.2f}", f"{b.worst_iou:.2f}")
        for b in bins
    )
    yield f"### Certainty of {method} against IoU"
    yield table(("certainty", "scans", "mean certainty", "mean IoU", "worst IoU"), cells)
    off = float(np.mean([abs(row.certainty - row.score.iou) for row in rows]))
    yield f"Expected calibration error: {calibration_error(bins):.3f}. Mean difference in a scan: {off:.3f}."


def _every(rows: Sequence[TubeRow]) -> tuple[tuple[str, ...], Iterable[tuple[str, ...]]]:
    head = ("seed", "by", "grid", "in", "share, %", "noise", "texture", "bead at it", "IoU", "certainty")
    cells = (
        (
            str(row.seed),
            row.method,
            "×".join(map(str, row.shape)),
            row.choices.container,
            percent(row.choices.fraction, 1),
            f"{row.choices.noise:.2f}",
            f"{row.choices.texture:.2f}",
            "yes" if row.choices.touching else "no",
            f"{row.score.iou:.2f}",
            f"{row.certainty:.2f}",
        )
        for row in rows
    )
    return head, cells
