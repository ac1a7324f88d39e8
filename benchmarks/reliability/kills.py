"""Kill, tear or starve every writing at each of its file operations, and look at what is left."""

import importlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reliability.child import Ended, in_child
from benchmarks.reliability.commands import Writing, left_behind
from benchmarks.reliability.faults import Fault, arm, count
from benchmarks.reliability.scenes import copy_scene, make_scene

OPERATIONS = "operations"
REFUSALS = (0, 1, 2, 3, 4, 5, 71)
"""Exit codes with a sentence; 70 is a defect, others are crashes."""


@dataclass
class Row:
    """What one kind of fault did to one kind of writing."""

    writing: str
    fault: Fault
    trials: int = 0
    problems: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many things went wrong, and how many are left behind."""
        return len(self.problems) + len(self.left)


def campaign(
    base: Path, writings: tuple[Writing, ...], faults: tuple[Fault, ...], most: int, say: Callable[[str], None]
) -> Iterator[Row]:
    """One row for each writing and fault.

    Parameters
    ----------
    base
        Empty folder to work in.
    writings, faults
        What is done, and what befalls it.
    most
        Operations that are tried of each writing, spread evenly over all of them.
    say
        Told each problem as it is found.
    """
    scene, place = base / "scene", base / "trial"
    make_scene(place)  # where the trials will be, so that absolute paths in the project are right
    shutil.move(place, scene)
    _load_libraries(scene, place, writings)
    for writing in writings:
        total = _operations(scene, place, writing)
        for fault in faults:
            row = Row(writing.name, fault)
            for at in _spread(total, most):
                _trial(scene, place, writing, fault, at, row)
                row.trials += 1
            for problem in (*row.problems, *row.left):
                say(f"{writing.name}, {fault.name}: {problem}")
            yield row
    shutil.rmtree(place, ignore_errors=True)


def _load_libraries(scene: Path, place: Path, writings: tuple[Writing, ...]) -> None:
    """Import here what the writings import when first used, which takes most of a trial's time."""
    listed = place.parent / "modules"

    def act() -> int:
        for writing in writings:
            for step in (writing.act, writing.check, writing.again or writing.act):
                step(place)
        listed.write_text("\n".join(sys.modules))
        return 0

    copy_scene(scene, place)
    in_child(act, place.parent / "log")
    for name in listed.read_text().splitlines():
        with suppress(Exception):  # names that only exist inside their library
            importlib.import_module(name)


def _spread(total: int, most: int) -> list[int]:
    """Operations from 1 to `total`, at most so many."""
    step = max(1.0, total / most)
    return sorted({min(total, round(1 + number * step)) for number in range(min(total, most))})


def _operations(scene: Path, place: Path, writing: Writing) -> int:
    """How many operations there are without a fault."""
    copy_scene(scene, place)

    def act() -> int:
        code = writing.act(place)
        (place.parent / OPERATIONS).write_text(str(count()))
        return code

    ended = in_child(_armed(place, 0, Fault.NONE, act), place.parent / "log")
    if ended.code != 0:
        raise RuntimeError(f"{writing.name} fails without a fault:\n{ended.output}")
    return int((place.parent / OPERATIONS).read_text())


def _trial(scene: Path, place: Path, writing: Writing, fault: Fault, at: int, row: Row) -> None:
    copy_scene(scene, place)
    log = place.parent / "log"
    ended = in_child(_armed(place, at, fault, lambda: writing.act(place)), log)
    if fault is Fault.DISK_FULL and (ended.code not in REFUSALS or ended.traceback):
        row.problems.append(f"operation {at}: {_told(ended)}")
    for name, look in (("after it", writing.check), ("again", writing.again or writing.act)):
        found = in_child(_looking(look, place), log)
        if found.code != 0 or found.traceback:
            row.problems.append(f"operation {at}, {name}: {_told(found)}")
            return
    row.left.extend(f"operation {at}: {name} stays" for name in left_behind(place))


def _armed(place: Path, at: int, fault: Fault, act: Callable[[], int]) -> Callable[[], int]:
    def go() -> int:
        os.environ["TMPDIR"] = str(place)
        arm(place, at, fault)
        return act()

    return go


def _looking(look: Callable[[Path], object], place: Path) -> Callable[[], int]:
    """`look` as a child's function: words are something wrong, and so is an exit code."""

    def go() -> int:
        os.environ["TMPDIR"] = str(place)
        found = look(place)
        if isinstance(found, str):
            print(found)
            return 1 if found else 0
        return int(found) if isinstance(found, int) else 0

    return go


def _told(ended: Ended) -> str:
    lines = ended.output.strip().splitlines()
    return f"exit code {ended.code}: {lines[-1] if lines else 'no word'}"
