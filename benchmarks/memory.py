"""Peak memory of encoding a 1 GB tomogram, above that of the interpreter with torch loaded.

    python -m benchmarks.memory [--edge 640] [--folder DIR]

Writes a float32 MRC of edge³ voxels, trains a few steps on it, encodes it, and prints a table. Each measurement is the
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mrcfile
import numpy as np

BASELINE = "import torch, napari_hypseg.nn.vae, napari_hypseg.clustering.kmeans"
LEARN = """
from pathlib import Path
from napari_hypseg import pipeline
from napari_hypseg.io.registry import open_volume
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen
settings = RunSettings.check({{"training": {{"steps": 20}}}})
project = Project.create(Path({project!r}), [Specimen(open_volume({volume!r}))], settings, overwrite=True)
quietly(pipeline.learn(project))
"""
SEGMENT = """
from pathlib import Path
from napari_hypseg import pipeline
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
quietly(pipeline.segment(Project.open(Path({project!r}))))
"""
# Not getrusage: it starts from the size of the process that started this one.
PEAK = """
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def write_volume(path: Path, edge: int) -> None:
    """Blobs in noise, written plane by plane."""
    random = np.random.default_rng(0)
    with mrcfile.new_mmap(path, (edge, edge, edge), mrc_mode=2, overwrite=True) as mrc:
        y, x = np.mgrid[:edge, :edge]
        for z in range(edge):
            blobs = np.sin(z / 17) * np.sin(y / 13) * np.sin(x / 11)
            mrc.data[z] = blobs + random.normal(0, 0.5, size=(edge, edge))
        mrc.voxel_size = 10.0


def peak(script: str) -> tuple[float, float]:
    """Peak resident memory in GB and wall time in s of a Python process."""
    started = time.monotonic()
    run = subprocess.run([sys.executable, "-c", script + PEAK], check=True, capture_output=True, text=True)
    return int(run.stdout.split()[-1]) * 1024 / 1e9, time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edge", type=int, default=640)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        volume, project = Path(name) / "large.mrc", Path(name) / "large.hypseg"
        write_volume(volume, arguments.edge)
        names = {"volume": str(volume), "project": str(project)}
        baseline, _ = peak(BASELINE)
        rows = [
            ("train, 20 steps", *peak(LEARN.format(**names))),
            ("sample, cluster, encode, tree", *peak(SEGMENT.format(**names))),
        ]
        print(f"\n{arguments.edge}³ float32 MRC, {volume.stat().st_size / 1e9:.2f} GB; torch alone {baseline:.2f} GB\n")
        print("| stage | peak above torch, GB | wall time, s |\n|---|---|---|")
        for stage, memory, seconds in rows:
            print(f"| {stage} | {memory - baseline:.2f} | {seconds:.0f} |")


if __name__ == "__main__":
    main()
