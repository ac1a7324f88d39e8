"""How long the window is deaf: what a person feels as stutter, from Train to a project that is opened again.

    xvfb-run -a python -m benchmarks.window.latency [--runs 3] [--minutes 0.2] [--volume FILE]

A timer of the window is to fire every 5 ms. How late it fires is how long the window was deaf; how much of that the
window's own thread has computed (`time.thread_time`) is its own work, the rest went to other programs on the cores.
Every run has a process of its own. Printed as Markdown: the longest turn of each stage, own work and lateness, median
and worst over the runs. Target: no turn with more than 100 ms of own work.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import napari
import numpy as np
from qtpy.QtCore import QObject, Qt, QTimer
from qtpy.QtWidgets import QApplication

from napari_hypseg._qt.dock import HypsegDock

TICK = 5
IDLE_SECONDS = 3
AFTERWARDS_SECONDS = 2
SETTLE_SECONDS = 5
TARGET_MS = 100


class Lateness(QObject):
    """Collects how many milliseconds late each tick comes, and how much of it the window's thread has worked."""

    def __init__(self) -> None:
        super().__init__()
        self.timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=TICK)
        self.timer.timeout.connect(self._tick)
        self.stages: dict[str, tuple[list[float], list[float]]] = {}
        self._last: float | None = None
        self._worked = 0.0
        self.begin("before")
        self.timer.start()

    def begin(self, stage: str) -> None:
        """Count what follows to `stage`."""
        self.late, self.own = self.stages.setdefault(stage, ([], []))
        self._last = None

    def _tick(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        if self._last is not None:
            self.late.append(max(0.0, 1000 * (now - self._last) - TICK))
            self.own.append(1000 * (worked - self._worked))
        self._last, self._worked = now, worked

    def summary(self) -> dict[str, list[float]]:
        """For each stage: the longest own work, how many turns were above the target, lateness p99 and worst."""
        return {
            stage: [max(own), sum(ms > TARGET_MS for ms in own), float(np.percentile(late, 99)), max(late)]
            for stage, (late, own) in self.stages.items()
            if own and stage != "before"
        }


def wait(seconds: float = 0.0, until: Callable[[], bool] = lambda: True) -> None:
    """Let the window live for some seconds and until something is so."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not until():
        QApplication.processEvents()
        time.sleep(0.0005)


def set_minutes(dock: HypsegDock, minutes: float) -> None:
    """Type the budget into the form."""
    for form in dock.learn.form.forms["training"]:
        if "minutes" in form.editors:
            form.editors["minutes"].set(minutes)


def journey(lateness: Lateness, viewer: napari.Viewer, dock: HypsegDock) -> None:
    """Idle, Train, regions, Find sample, and the project opened again."""
    runner, model, projects = dock.activity.runner, dock.model, dock.workspace.projects

    def stage(name: str, press: Callable[[], object], until: Callable[[], bool]) -> None:
        lateness.begin(name)
        press()
        wait(0.1, until)

    def at_rest() -> bool:
        return dock.activity.kind is None

    stage("idle", lambda: wait(IDLE_SECONDS), at_rest)
    stage("Train is pressed", dock.learn.train.click, lambda: runner.busy)
    stage("first regions are made and shown", lambda: None, lambda: model.from_filters or not runner.busy)
    wait(AFTERWARDS_SECONDS)
    stage("learning and making regions", lambda: None, lambda: not runner.busy)
    stage("regions are shown", lambda: wait(AFTERWARDS_SECONDS), at_rest)
    stage("Find sample is pressed", dock.locate.search.click, lambda: runner.busy)
    stage("looking for the sample", lambda: None, lambda: not runner.busy)
    stage("box, map and plots are shown", lambda: wait(AFTERWARDS_SECONDS), at_rest)
    project = model.project
    assert project is not None
    lateness.begin("before")
    viewer.layers.clear()
    project.close()
    model.project = None
    wait(AFTERWARDS_SECONDS)
    stage("the project is opened again", lambda: projects.open(project.path), lambda: model.project is not None)
    stage("the project is shown", lambda: wait(AFTERWARDS_SECONDS), at_rest)


def once(arguments: argparse.Namespace) -> None:
    """One run; prints its figures as JSON."""
    folder = Path(tempfile.mkdtemp())
    viewer = napari.Viewer()
    viewer.window.resize(1280, 720)
    if arguments.volume:
        viewer.open(arguments.volume, plugin="napari-hypseg")
    else:
        viewer.open_sample("napari-hypseg", "phantom")
    dock = HypsegDock(viewer)
    viewer.window.add_dock_widget(dock, name="Hypseg")
    dock.specimens.set_project_folder(folder / "latency.hypseg")
    set_minutes(dock, arguments.minutes)
    wait(SETTLE_SECONDS, lambda: not dock.workspace._probe.busy)
    lateness = Lateness()
    journey(lateness, viewer, dock)
    print(json.dumps(lateness.summary()), flush=True)
    viewer.close()


def main() -> None:
    """Measure in processes of their own and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=0.2)
    parser.add_argument("--volume", type=Path, help="a volume to learn from instead of the phantom")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        once(arguments)
        return
    runs = []
    for _ in range(arguments.runs):
        done = subprocess.run([sys.executable, *sys.argv, "--once"], stdout=subprocess.PIPE, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    print("| stage | longest own work, ms (worst run) | turns above 100 ms a run | p99 late, ms | most late, ms |")
    print("|---|---:|---:|---:|---:|")
    for stage in runs[0]:
        own, above, p99, late = (np.array([run[stage][column] for run in runs]) for column in range(4))
        print(
            f"| {stage} | {np.median(own):.0f} ({own.max():.0f}) | {np.mean(above):.1f} | {np.median(p99):.0f} | "
            f"{np.median(late):.0f} ({late.max():.0f}) |"
        )


if __name__ == "__main__":
    main()
