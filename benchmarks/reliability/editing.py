"""A person who edits, killed at a random moment: the project opens, and at most the edit under way is missing."""

import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

SHORTEST, LONGEST = 0.005, 0.3
"""Seconds of editing before the kill."""
COLOUR = (0.9, 0.4, 0.1)


@dataclass(frozen=True)
class Killed:
    """What came of the kills.

    Parameters
    ----------
    trials
        Times that the process was killed.
    edits
        Edits that it was told are done, all together.
    lost
        Of these, how many are not there afterwards.
    unreadable
        Times that the project did not open whole.
    """

    trials: int
    edits: int
    lost: int
    unreadable: int


def kill_editing(project: Path, note: Path, trials: int, seed: int) -> Killed:
    """Kill `trials` processes that edit `project` one after the other; each notes its edits in `note`."""
    generator = random.Random(seed)
    edits = lost = unreadable = 0
    for _ in range(trials):
        before = _steps(project) or []
        note.write_text("")
        process = os.fork()
        if process == 0:
            try:
                _edit(project, note, generator.randrange(2**31))
            finally:
                os._exit(0)
        while not note.stat().st_size:
            time.sleep(0.001)
        time.sleep(generator.uniform(SHORTEST, LONGEST))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        told = [line for line in note.read_text().split("\n")[:-1] if line != "ready"]
        after = _steps(project)
        edits += len(told)
        unreadable += after is None
        lost += len(told) - _kept([*before, *told], after or [], len(told))
    return Killed(trials, edits, lost, unreadable)


def _kept(expected: list[str], found: list[str], n_new: int) -> int:
    """How many of the last `n_new` edits of `expected` are there in their place."""
    places = range(len(expected) - n_new, len(expected))
    return sum(place < len(found) and found[place] == expected[place] for place in places)


def _steps(project: Path) -> list[str] | None:
    """Words of the edits that are there; None if the project does not open whole."""
    from napari_hypseg.project.project import Project

    opened = Project.open(project)
    if opened.damage or opened.structures is None:
        return None
    return [step.text for step in opened.structures.steps]


def _edit(project: Path, note: Path, seed: int) -> None:
    """Make structures and change them until killed; each edit is noted once it was done."""
    import numpy as np

    from napari_hypseg.project.project import Project
    from napari_hypseg.structures.edits import AddLeaves, BaseEdit, MakeStructure, PaintVoxels, RenameStructure
    from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

    generator = random.Random(seed)
    opened = Project.open(project, write=True)
    structures = opened.structures
    assert structures is not None
    shape = opened.records[0].shape
    with note.open("a", buffering=1) as stream:
        stream.write("ready\n")
        number = structures.annotation.next_id
        while True:
            name, leaf = f"structure {number}", generator.randrange(structures.annotation.n_leaves)
            flat = [generator.randrange(shape[0] * shape[1] * shape[2]) for _ in range(50)]
            edits: tuple[BaseEdit, ...] = (
                MakeStructure(name=name, colour=COLOUR, leaves=str(leaf)),
                AddLeaves(structure=number, leaves=f"0-{structures.annotation.n_leaves - 1}"),
                PaintVoxels(structure=number, specimen=0, shape=shape, voxels=encode_runs(runs_of(np.array(flat)))),
                RenameStructure(structure=number, name=f"{name} b"),
            )
            for edit in edits:
                structures.do(edit)
                stream.write(f"{structures.steps[-1].text}\n")
            number += 1
