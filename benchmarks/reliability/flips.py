"""Flip single bits of a stored project, and see that each one is told."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.reliability.child import in_child

BATCH = 50
SILENT, OPENING, READING, VERIFYING = "silent", "at opening", "when read", "by --verify"


def flip_bits(project: Path, base: Path, count: int, seed: int, say: Callable[[str], None]) -> Counter[str]:
    """How `count` flips, one at a time and spread over all bytes of the project, were told.

    Parameters
    ----------
    project
        An undamaged project; it is left as it is.
    base
        Folder for a copy.
    say
        Told each flip that nobody noticed.
    """
    told: Counter[str] = Counter()
    results = base / "flips"
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        results.write_text("")
        batch = partial(_batch, project, base / "flipped.hypseg", numbers, seed, results)
        ended = in_child(batch, base / "log")
        lines = [line.split("\t") for line in results.read_text().splitlines()]
        told.update(outcome for outcome, _ in lines)
        for outcome, place in lines:
            if outcome not in (OPENING, READING, VERIFYING):
                say(f"{outcome}: {place}")
        if ended.code != 0:
            told["crash"] += 1
            say(ended.output)
    shutil.rmtree(base / "flipped.hypseg", ignore_errors=True)
    return told


def _batch(project: Path, copy: Path, numbers: range, seed: int, results: Path) -> int:
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(project, copy, symlinks=True)
    files = [path for path in sorted(copy.rglob("*")) if path.is_file() and path.stat().st_size]
    sizes = [path.stat().st_size for path in files]
    for number in numbers:
        generator = random.Random(f"{seed} {number}")
        path = generator.choices(files, sizes)[0]
        whole = path.read_bytes()
        at, bit = generator.randrange(len(whole)), generator.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        outcome = _told(copy)
        with results.open("a") as stream:
            stream.write(f"{outcome}\t{path.relative_to(copy)} byte {at} bit {bit}\n")
        path.write_bytes(whole)
    return 0


def _told(path: Path) -> str:
    """Who noticed: opening, reading everything, or the verification."""
    from napari_hypseg.errors import HypsegError
    from napari_hypseg.jobs import quietly
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.verification import verify

    try:
        project = Project.open(path)
    except HypsegError:
        return OPENING
    except Exception as error:
        return f"traceback of {type(error).__name__}"
    if project.damage:
        return OPENING
    try:
        np.asarray(project.label_image().data[:])
    except HypsegError:
        return READING
    except Exception as error:
        return f"traceback of {type(error).__name__}"
    return VERIFYING if quietly(verify(project)) else SILENT
