"""Time and memory of finding the sample in a large scan, measured in a process that does nothing else.

``python -m benchmarks.locate.resources VOLUME SETTINGS`` is that process: it prints one JSON object.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.ct_phantom.phantom import ct_phantom
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.errors import HypsegError
from napari_hypseg.io.opening import open_volume
from napari_hypseg.jobs import Job, Progress, quietly
from napari_hypseg.pipeline.locate import locate
from napari_hypseg.pipeline.locate_settings import LocateSettings

EDGE = 512
ENLARGED = 2
SEED = 30_000
PATIENCE = 0.1
"""Seconds between two looks at the process."""


@dataclass(frozen=True)
class Resources:
    """What it took.

    Parameters
    ----------
    method
        Name of the localizer.
    shape
        Grid (z, y, x) of the volume.
    volume_bytes
        Size of its voxels.
    seconds
        From opening the file to the box, without starting Python.
    peak_bytes
        Highest resident memory of the process, all libraries included; None where the system does not say.
    """

    method: str
    shape: tuple[int, ...]
    volume_bytes: int
    seconds: float
    peak_bytes: int | None


def measure(settings: Sequence[LocateSettings], edge: int = EDGE) -> Job[list[Resources]]:
    """Write a scan of `edge`³ voxels to disk and find the sample in it, once for each of `settings`.

    Raises
    ------
    HypsegError
        If the process that does it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.npy"
        yield StageMessage(f"Generating a scan of {edge}³ voxels")
        yield from write_large(path, edge)
        rows = []
        for one in settings:
            yield StageMessage(f"{one.method}: {edge}³ voxels, in a process of its own")
            rows.append((yield from _in_a_process(path, one)))
    return rows


def write_large(path: Path, edge: int) -> Job[None]:
    """A phantom of half the edge with every voxel repeated, written plane by plane, so that little memory is needed."""
    small = np.asarray(ct_phantom((edge // ENLARGED,) * 3, SEED).volume.channels[0])
    shape = tuple(n * ENLARGED for n in small.shape)
    with path.open("wb") as file:  # a sparse memory map would end this process where the disk is full
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for z, plane in enumerate(small):
            large = plane.repeat(ENLARGED, 0).repeat(ENLARGED, 1).astype("<f4").tobytes()
            for _ in range(ENLARGED):
                file.write(large)
            yield Progress("generate", z + 1, len(small))


def _in_a_process(path: Path, settings: LocateSettings) -> Job[Resources]:
    words = [sys.executable, "-m", __name__, str(path), settings.model_dump_json()]
    started = time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as told,
        subprocess.Popen(words, stdout=told, stderr=subprocess.STDOUT) as process,
    ):
        try:
            while process.poll() is None:
                yield Progress("measure", time.monotonic() - started)
                time.sleep(PATIENCE)
        finally:
            process.kill()  # harmless once it has ended
        told.seek(0)
        lines = told.read().splitlines()
    if process.returncode:
        raise HypsegError(f"The process that was to be measured failed: {lines[-1] if lines else 'it said nothing'}.")
    return Resources(settings.method, **json.loads(lines[-1]))


def main(path: str, settings: str) -> None:
    """Find the sample in the volume at `path` and print what it took."""
    started = time.monotonic()
    volume = open_volume(path)
    quietly(locate([volume], LocateSettings.model_validate_json(settings)))
    taken = {"seconds": time.monotonic() - started, "peak_bytes": peak_memory()}
    size = sum(np.dtype(channel.dtype).itemsize for channel in volume.channels) * volume.box.size
    sys.stdout.write(json.dumps({"shape": volume.shape, "volume_bytes": size, **taken}) + "\n")


def peak_memory() -> int | None:
    """Highest resident memory of this process in bytes.

    On Linux not from getrusage, which starts from the size of the process that started this one.
    """
    try:
        status = Path("/proc/self/status").read_text()
        return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main(*sys.argv[1:])
