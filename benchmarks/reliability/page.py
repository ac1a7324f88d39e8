"""What was measured, as sections of docs/benchmarks/reliability.md."""

import argparse
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reliability.commands import WRITINGS
from benchmarks.reliability.editing import kill_editing
from benchmarks.reliability.faults import Fault
from benchmarks.reliability.flips import OPENING, READING, VERIFYING, flip_bits
from benchmarks.reliability.kills import Row, campaign
from benchmarks.reliability.scenes import make_scene
from benchmarks.reliability.writers import contest
from benchmarks.reporting.page import table, write_report

logger = logging.getLogger("reliability")
KINDS = {Fault.KILL: "killed before it", Fault.TORN_WRITE: "killed in it", Fault.DISK_FULL: "disk full from it on"}
TEMPLATE = "# Reliability\n"


@dataclass(frozen=True)
class Section:
    """A measured table.

    Parameters
    ----------
    name
        Of the section in the page.
    text
        Markdown.
    problems
        How much went wrong.
    """

    name: str
    text: str
    problems: int


def write(path: Path, sections: Mapping[str, str]) -> None:
    """Put the sections into the page."""
    write_report(path, TEMPLATE, sections)


def measure_faults(base: Path, arguments: argparse.Namespace) -> Section:
    """Every writing under every fault."""
    base.mkdir()
    chosen = tuple(w for w in WRITINGS if not arguments.writing or any(text in w.name for text in arguments.writing))
    rows: dict[str, dict[Fault, Row]] = {writing.name: {} for writing in chosen}
    for row in campaign(base, chosen, tuple(KINDS), arguments.most, logger.info):
        rows[row.writing][row.fault] = row
        logger.info("%s, %s: %d tried, %d wrong", row.writing, KINDS[row.fault], row.trials, row.wrong)
    head = ["what is written", *(f"{told}: tried" for told in KINDS.values()), "wrong", "left behind"]
    cells = [
        [name, *(str(row.trials) for row in by.values()), _sum(by, "problems"), _sum(by, "left")]
        for name, by in rows.items()
    ]
    problems = sum(row.wrong for by in rows.values() for row in by.values())
    return Section("faults", table(head, cells), problems)


def measure_flips(base: Path, arguments: argparse.Namespace) -> Section:
    """Single flipped bits."""
    make_scene(base)
    told = flip_bits(base / "p.hypseg", base, arguments.flips, 0, logger.info)
    wrong = sum(told.values()) - sum(told[kind] for kind in (OPENING, READING, VERIFYING))
    head = ["bits flipped", *(f"told {kind}" for kind in (OPENING, READING, VERIFYING)), "silent or a traceback"]
    counts = [sum(told.values()), *(told[kind] for kind in (OPENING, READING, VERIFYING)), wrong]
    return Section("flips", table(head, [list(map(str, counts))]), wrong)


def measure_writers(base: Path, arguments: argparse.Namespace) -> Section:
    """Two writers and two readers."""
    make_scene(base)
    found = contest(base / "p.hypseg", base, arguments.seconds)
    shutil.rmtree(base)
    head = ["seconds", "levels kept", "times told that the other writes", "kept levels lost", "readings", "damage seen"]
    cells = [arguments.seconds, found.kept, found.refused, found.lost, found.read, found.damaged]
    return Section("writers", table(head, [[f"{cell:g}" for cell in cells]]), found.lost + found.damaged)


def measure_editing(base: Path, arguments: argparse.Namespace) -> Section:
    """A person who edits structures, killed over and over."""
    make_scene(base)
    found = kill_editing(base / "p.hypseg", base / "edits.txt", arguments.kills, 0)
    shutil.rmtree(base)
    head = ["kills", "edits that were done", "of these missing afterwards", "projects that did not open whole"]
    cells = [found.trials, found.edits, found.lost, found.unreadable]
    return Section("editing", table(head, [list(map(str, cells))]), found.lost + found.unreadable)


def _sum(by: Mapping[Fault, Row], what: str) -> str:
    return str(sum(len(getattr(row, what)) for row in by.values()))
