"""Two processes that write to one project at once, and two that read it: no edit is lost, no reader sees damage."""

import os
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Contest:
    """What came of it.

    Parameters
    ----------
    kept
        Levels that a writer was told are kept.
    refused
        Times that a writer was told the other one is writing.
    lost
        Kept levels that are not there in the end.
    read
        Times that the project was opened by a reader.
    damaged
        Times that a reader saw damage, or an error.
    """

    kept: int
    refused: int
    lost: int
    read: int
    damaged: int


def contest(project: Path, base: Path, seconds: float) -> Contest:
    """Let two writers and two readers work on `project` for some time; their notes go to files in `base`."""
    until = time.monotonic() + seconds
    notes = [base / f"{kind}-{number}" for kind in ("writer", "reader") for number in (1, 2)]
    processes = []
    for note in notes:
        process = os.fork()
        if process == 0:
            try:
                (_write if note.name.startswith("writer") else _read)(project, note, until)
            finally:
                os._exit(0)
        processes.append(process)
    for process in processes:
        os.waitpid(process, 0)
    lines = [line for note in notes for line in note.read_text().splitlines()]
    kept = {line.removeprefix("kept ") for line in lines if line.startswith("kept ")}
    return Contest(
        len(kept),
        lines.count("refused"),
        len(kept - _levels(project)),
        lines.count("read"),
        lines.count("damage"),
    )


def _levels(project: Path) -> set[str]:
    """Names of the levels that are there."""
    from napari_hypseg.project.project import Project

    return {level.name for level in Project.open(project).levels}


def _write(project: Path, note: Path, until: float) -> None:
    """Keep one level after another, closing the project each time; note those that were said to be kept."""
    from napari_hypseg.errors import ProjectError
    from napari_hypseg.project.project import Project

    number = 0
    with note.open("w", buffering=1) as stream:
        while time.monotonic() < until:
            with closing(Project.open(project, write=True)) as opened:
                name = f"{note.name} {number}"
                try:
                    opened.keep_level(name, opened.cut(2))
                    stream.write(f"kept {name}\n")
                    number += 1
                except ProjectError:
                    stream.write("refused\n")
            time.sleep(0.01)


def _read(project: Path, note: Path, until: float) -> None:
    from napari_hypseg.project.project import Project

    with note.open("w", buffering=1) as stream:
        while time.monotonic() < until:
            try:
                stream.write("damage\n" if Project.open(project).damage else "read\n")
            except Exception:
                stream.write("damage\n")
