"""Peak memory of learning, segmenting and exporting, stage by stage, above that of the interpreter with torch loaded.

    python -m benchmarks.memory [--shapes 256x256x256 …] [--kinds phantom noise] [--memory 2GB] [--folder DIR]

Writes each volume as a float32 MRC, plane by plane, learns a few steps on it, segments and exports it in processes of
their own, and prints a table. Peaks are of the resident set, which counts pages of mapped files too. Linux only.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import mrcfile
import numpy as np

from napari_hypseg.volumes.box import Index3

BASELINE = "import torch, napari_hypseg.nn.vae, napari_hypseg.clustering.kmeans"
PREAMBLE = """
import json, sys
from pathlib import Path
from napari_hypseg import pipeline
from napari_hypseg.jobs import Progress, drive
from napari_hypseg.project.project import Project
peaks = {}

def peak():
    # Not getrusage: it starts from the size of the process that started this one.
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024

def watch(event):
    if isinstance(event, Progress):
        peaks[event.stage] = max(peaks.get(event.stage, 0), peak())
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now
"""
LEARN = """
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen
settings = RunSettings.check({{"training": {{"steps": 20}}}})
project = Project.create(Path({project!r}), [Specimen(open_volume({volume!r}))], settings, overwrite=True)
drive(pipeline.learn(project), watch)
"""
SEGMENT = """
from napari_hypseg.supervoxels.memory_budget import MemoryBudget
drive(pipeline.segment(Project.open(Path({project!r}), write=True), memory=MemoryBudget.parse({memory!r})), watch)
"""
EXPORT = """
from napari_hypseg.cli.main import main
main(["export", {project!r}, "--cut", "64", "--out", {export!r}])
peaks["export"] = peak()
"""
TELL = """
print(json.dumps(peaks))
"""


def planes(kind: str, shape: Index3) -> Iterator[np.ndarray]:
    """Planes float32 (y, x) of white noise, or of blobs in noise."""
    random = np.random.default_rng(0)
    y, x = np.ogrid[: shape[1], : shape[2]]
    for z in range(shape[0]):
        noise = random.standard_normal(shape[1:], dtype=np.float32)
        yield noise if kind == "noise" else (np.sin(z / 17) * np.sin(y / 13) * np.sin(x / 11) + noise / 2)


def write_volume(path: Path, kind: str, shape: Index3) -> None:
    """A float32 MRC, written plane by plane."""
    with mrcfile.new_mmap(path, shape, mrc_mode=2, overwrite=True) as mrc:
        for z, plane in enumerate(planes(kind, shape)):
            mrc.data[z] = plane
        mrc.voxel_size = 10.0


def peaks(script: str) -> tuple[dict[str, int], float]:
    """Peak resident memory in bytes of each stage of a Python process, and its wall time in s."""
    started = time.monotonic()
    run = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(run.stdout.splitlines()[-1]), time.monotonic() - started


def rows(kind: str, shape: Index3, memory: str, folder: Path) -> Iterator[list[object]]:
    """Rows of the table: stage, peak in GB, seconds."""
    volume, project = folder / "large.mrc", folder / "large.hypseg"
    write_volume(volume, kind, shape)
    names = {
        "volume": str(volume),
        "project": str(project),
        "export": str(folder / "regions.ome.zarr"),
        "memory": memory,
    }
    baseline, _ = peaks(PREAMBLE + BASELINE + "\npeaks['torch'] = peak()" + TELL)
    what = f"{'×'.join(map(str, shape))} {kind}"
    yield [what, "torch alone", f"{baseline['torch'] / 1e9:.2f}", ""]
    for script in (LEARN, SEGMENT, EXPORT):
        found, seconds = peaks(PREAMBLE + script.format(**names) + TELL)
        for stage, size in found.items():
            yield [what, stage, _above(size, baseline["torch"]), ""]
        yield [what, "all", _above(max(found.values()), baseline["torch"]), f"{seconds:.0f}"]


def _above(size: int, torch: int) -> str:
    """GB above what torch takes, which a process that needs no network does not load."""
    return f"{max(0, size - torch) / 1e9:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", default=["256x256x256"])
    parser.add_argument("--kinds", nargs="+", default=["blobs", "noise"])
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    print("| volume | stage | peak above torch, GB | wall time, s |\n|---|---|---:|---:|", flush=True)
    for shape in arguments.shapes:
        for kind in arguments.kinds:
            with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
                z, y, x = map(int, shape.split("x"))
                for row in rows(kind, (z, y, x), arguments.memory, Path(name)):
                    print("| " + " | ".join(map(str, row)) + " |", flush=True)


if __name__ == "__main__":
    main()
