"""Open thousands of damaged files and see that each is either read or refused with a sentence.

    python scripts/fuzz_files.py --count 50000 --seed 1

Every kind of file (see `fuzz_seeds`) gets an equal share of the damage (see `file_mutations`), each in a process of its
own with bounded memory. A file passes if it gives a volume whose voxels can be read, or an error made for the person;
anything else is printed with what repeats it, and so is whatever takes a processor longer than five seconds.
"""

import argparse
import faulthandler
import json
import logging
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from file_mutations import mutate_folder, mutated
from fuzz_seeds import SEEDS

from napari_hypseg.cli.display.facts import volume_facts
from napari_hypseg.errors import HypsegError
from napari_hypseg.io import open_volume
from napari_hypseg.io.box_file import read_box

SLOW = 5.0
"""Seconds of a processor."""
LONGEST = 20.0
"""Seconds after which a file is given up."""
MEMORY = 2**31
"""Bytes of address space that a process may take beyond what it starts with."""
READ = 2**24
"""Voxels up to which a volume is read whole."""


class OverdueError(BaseException):
    """A file takes too long; no error of a library, so that nobody takes it for damage."""


@dataclass
class Result:
    """What became of the damaged files of one kind."""

    kind: str
    files: int = 0
    refused: int = 0
    opened: int = 0
    slowest: float = 0.0
    peak_mb: float = 0.0
    failures: list[str] = field(default_factory=list)


def use_volume(path: Path) -> None:
    """Open a volume and read it."""
    volume = open_volume(path)
    if np.prod(volume.shape, dtype=float) <= READ:
        volume_facts(volume)
        volume.read(volume.box)
    for channel in volume.channels:
        np.asarray(channel[-1:, :2, :2]), np.asarray(channel[:1, -2:, -2:])
    assert volume.fingerprint
    assert min(volume.voxel_size) > 0
    assert np.isfinite([*volume.voxel_size, *volume.origin]).all()


def use_project(path: Path) -> None:
    """Open a project, list what is in it, and read everything that is not said to be damaged."""
    from napari_hypseg.cli.commands.info import _project_text
    from napari_hypseg.cli.display.facts import project_facts
    from napari_hypseg.project.project import Project
    from napari_hypseg.training.checkpoint import load_checkpoint

    project = Project.open(path)
    _project_text(project_facts(project))
    used: list[Callable[[], object]] = [lambda: [use_specimen(specimen) for specimen in project.specimens]]
    if project.has_checkpoint:
        used.append(lambda: load_checkpoint(project.store.checkpoint_file))
    if project.segmentation is not None:
        used.append(lambda: project.label_image().data[:])
    used += [lambda level=level: project.label_image(level).data[:] for level in project.levels]
    for use in used:
        try:
            use()
        except HypsegError:
            continue


def use_specimen(specimen: Any) -> None:
    """Read the voxels of a specimen and where they count."""
    specimen.volume.read(specimen.volume.box)
    assert specimen.fingerprint


COSTS = {"hdf5": 20, "hdf5 contiguous": 20}
"""Kinds that get fewer files than the others, since another process looks at each first, by how many times."""
USES: dict[str, Callable[[Path], object]] = {"box": read_box, "project": use_project}


def fuzz(kind: str, numbers: Sequence[int], seed: int, folder: Path) -> Result:
    """Damage the file of `kind` once for each of `numbers`, which with `seed` decide how."""
    name, write = SEEDS[kind]
    original = folder / "original" / name
    original.parent.mkdir()
    write(original)
    use, result = USES.get(kind, use_volume), Result(kind)
    use(original)
    before = _peak()
    _bound_memory()
    signal.signal(signal.SIGALRM, _overdue)
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        what = _damaged(original, folder / name, rng)
        print(f"--kind {kind!r} --seed {seed} --only {number}", file=sys.stderr)  # the last one, if the process dies
        started = _processor_seconds()
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        try:
            use(folder / name)
            result.opened += 1
        except HypsegError as error:
            result.refused += 1
            if len(text := str(error)) > 2000 or "\n" in text.strip():
                result.failures.append(f"--kind {kind!r} --seed {seed} --only {number}: no sentence: {text[:200]!r}")
        except (Exception, OverdueError):
            signal.setitimer(signal.ITIMER_REAL, 0)
            trace = traceback.format_exc().strip().splitlines()
            result.failures.append(f"--kind {kind!r} --seed {seed} --only {number} {what}: {trace[-1][:300]}")
            if len(numbers) == 1:
                traceback.print_exc()
        signal.setitimer(signal.ITIMER_REAL, 0)
        took = _processor_seconds() - started
        if took > SLOW:
            result.failures.append(f"--kind {kind!r} --seed {seed} --only {number} {what}: {took:.1f} s")
        result.slowest = max(result.slowest, took)
        result.files += 1
        if len(numbers) > 1:
            _remove(folder / name)
    result.peak_mb = _peak() - before
    return result


def _overdue(*_: object) -> None:
    raise OverdueError(f"it took more than {LONGEST:.0f} s")


def _damaged(original: Path, target: Path, rng: np.random.Generator) -> str:
    if original.is_dir():
        shutil.copytree(original, target)
        return mutate_folder(target, rng)
    target.write_bytes(mutated(original.read_bytes(), rng))
    return ""


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _processor_seconds() -> float:
    """Time of this process and its children: what a busy machine does not change."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        limit = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def in_processes(kinds: Sequence[str], count: int, seed: int) -> list[Result]:
    """Fuzz each kind in a process of its own; one that dies is a failure, too."""
    results = []
    for kind in kinds:
        share = max(1, count // COSTS.get(kind, 1))
        words = [sys.executable, __file__, "--kind", kind, "--count", str(share), "--seed", str(seed), "--json"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        try:
            results += [Result(**record) for record in json.loads(done.stdout.splitlines()[-1])]
        except (ValueError, IndexError):
            results.append(Result(kind, failures=[f"died with {done.returncode}: {done.stderr[-500:]}"]))
    return results


def table(results: Sequence[Result]) -> str:
    """The results for a person, in Markdown."""
    lines = ["| kind | files | refused | opened | failures | slowest (s) | peak memory (MB above start) |"]
    lines.append("|---|---|---|---|---|---|---|")
    for one in results:
        counts = f"{one.files} | {one.refused} | {one.opened} | {len(one.failures)}"
        lines.append(f"| {one.kind} | {counts} | {one.slowest:.2f} | {one.peak_mb:.0f} |")
    return "\n".join(lines)


def main() -> int:
    """Run as a command; 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1700, help="damaged files in all")
    parser.add_argument("--seed", type=int, default=0, help="decides what is damaged and how")
    parser.add_argument("--kind", choices=SEEDS, help="one kind alone, in this process")
    parser.add_argument("--only", type=int, help="one damaged file alone, with its traceback")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    given = parser.parse_args()
    if given.kind:
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        faulthandler.enable()
        numbers = range(given.count) if given.only is None else [given.only]
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            results = [fuzz(given.kind, numbers, given.seed, Path(folder))]
    else:
        results = in_processes(list(SEEDS), -(-given.count // len(SEEDS)), given.seed)
    failures = [failure for result in results for failure in result.failures]
    if given.json:
        print(json.dumps([asdict(result) for result in results]))
    else:
        print(table(results), *failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
