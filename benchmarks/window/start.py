"""What the plugin costs a person who opens napari: modules imported, and how long the dock takes to open.

    xvfb-run -a python -m benchmarks.window.start [--runs 5]

Each run is a process of its own: napari with the plugin installed, a tomogram opened through its reader, then the dock.
Target: no torch before it is first needed, and a dock within 0.5 s. Printed as Markdown; times are medians.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import mrcfile
import numpy as np

RUN = """
import json, sys, time
start = time.perf_counter()
import napari
viewer = napari.Viewer()
window = time.perf_counter()
viewer.open({volume!r}, plugin="napari-hypseg")
opened = time.perf_counter()
viewer.window.add_plugin_dock_widget("napari-hypseg")
docked = time.perf_counter()
seconds = {{"window": window - start, "open": opened - window, "dock": docked - opened}}
print(json.dumps({{**seconds, "torch": "torch" in sys.modules}}))
viewer.close()
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        volume = Path(folder) / "tomogram.mrc"
        with mrcfile.new(volume, np.random.default_rng(0).normal(size=(100, 128, 128)).astype(np.float32)) as mrc:
            mrc.voxel_size = 10.0
        command = [sys.executable, "-c", RUN.format(volume=str(volume))]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
            for _ in range(arguments.runs)
        ]
    print("| what | seconds (median) | worst |\n|---|---|---|")
    for key, name in (("window", "napari's window"), ("open", "opening a tomogram"), ("dock", "opening the dock")):
        values = [run[key] for run in runs]
        print(f"| {name} | {statistics.median(values):.2f} | {max(values):.2f} |")
    imported = sum(run["torch"] for run in runs)
    print(f"\ntorch was imported in {imported} of {len(runs)} runs before it was needed.")


if __name__ == "__main__":
    main()
