"""The time to first labels that is said before a run, beside the time that it took.

    python -m benchmarks.window.estimate VOLUME [VOLUME …] [--edges 64 128 224] [--seconds 20] [--json FILE]

Measures this machine once, as the window does in its background. Then, for cubes cut from the middle of each volume,
says the time, learns for `--seconds`, makes regions with the settings a person starts with, and prints both.
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_hypseg import pipeline
from napari_hypseg.cli.display.run_log import RunLog
from napari_hypseg.io.opening import open_volume
from napari_hypseg.jobs import drive, quietly
from napari_hypseg.pipeline.speed import measure_speed
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen, Volume


def middle(volume: Volume, edge: int) -> Volume:
    """A cube of `edge` voxels, or fewer where the volume is shorter, from the middle of `volume`."""
    shape = [min(edge, n) for n in volume.shape]
    start = [(n - length) // 2 for n, length in zip(volume.shape, shape, strict=True)]
    z, y, x = (slice(a, a + length) for a, length in zip(start, shape, strict=True))
    return replace(volume, channels=tuple(np.asarray(channel[z, y, x]) for channel in volume.channels), sources=())


def stages(volume: Volume, settings: RunSettings, folder: Path) -> dict[str, float]:
    """Seconds of each stage of a run."""
    project = Project.create(folder / "measured.hypseg", [Specimen(volume)], settings, overwrite=True)
    log = RunLog()

    def see(event: object) -> None:
        log.record(event)

    drive(pipeline.run(project), see)
    project.close()
    return log.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("volumes", nargs="+", type=Path)
    parser.add_argument("--edges", nargs="+", type=int, default=[64, 128, 224])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    settings = RunSettings.check({"training": {"minutes": arguments.seconds / 60, "steps": None}})
    started = time.monotonic()
    speed = quietly(measure_speed(settings))
    print(f"measured in {time.monotonic() - started:.0f} s: {speed}\n", flush=True)
    print("| volume | voxels | said, s | took, s | took / said |\n|---|---:|---:|---:|---:|", flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for path in arguments.volumes:
            volume = open_volume(path)
            for edge in arguments.edges:
                part = middle(volume, edge)
                said = arguments.seconds + speed.seconds(part.box.size)
                seconds = stages(part, settings, Path(name))
                took = sum(seconds.values())
                shape = "×".join(map(str, part.shape))
                print(f"| {volume.name} | {shape} | {said:.0f} | {took:.0f} | {took / said:.2f} |", flush=True)
                rows.append({"volume": volume.name, "shape": part.shape, "said": said, "seconds": seconds})
    if arguments.json:
        arguments.json.write_text(json.dumps({"speed": [speed.fixed, speed.per_voxel], "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
