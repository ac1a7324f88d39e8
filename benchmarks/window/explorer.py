"""What the hand waits for in the explorer: a click, a walk, an edit with its saving, an undo, a suggestion.

Prints a markdown table. Run it under a display:

    xvfb-run -a -s "-screen 0 1400x900x24" python -m benchmarks.window.explorer

*Own* is the time until everything has been handed to napari, the slice that napari reads again and the panel with its
list of structures included. The picture is complete when the canvas has been repainted, which takes as long where
nothing has changed. A project of 512³ voxels with 4 096 leaves, made of noise, in a window with the dock.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from vispy.gloo import gl

from benchmarks.window.slider import leaves_of, milliseconds, tree_of
from napari_hypseg._qt.dock import HypsegDock
from napari_hypseg._qt.layers.canvas_input import Click, Joins
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import RenameStructure
from napari_hypseg.volumes import Specimen, Volume

REPEATS = 15
EDITS = 1000
LOADING_MS, REST_MS = 2000, 50
"""After opening the dock, and between two steps: what is done while the hand rests is not counted."""
REPAINT = "repaint of the canvas, nothing changed"
TARGETS: dict[str, int | None] = {
    "open the project": 1000,
    REPAINT: None,
    "click: region highlighted": 50,
    "walk one node up": 16,
    "edit, saved and shown": 30,
    "stroke of the brush, saved and shown": 30,
    "undo of a stroke, saved and shown": 16,
    "undo after 1 000 edits": 16,
    "more like this": 50,
}


def make_project(folder: Path, edge: int, n_leaves: int) -> Path:
    """A project with regions, without learning."""
    shape = (edge,) * 3
    volume = Volume((np.zeros(shape, dtype=np.uint8),), name="noise")
    project = Project.create(folder / "noise", [Specimen(volume)], RunSettings())
    (stored,) = project.store.start_segmentation([shape])
    stored[:] = leaves_of(edge, n_leaves)
    looks = np.random.default_rng(1).random((n_leaves, 12)).astype(np.float32)
    tree = tree_of(n_leaves)
    project.store.finish_segmentation({PARTS: tree}, {}, LeafFeatures.of(tree, descriptors=looks))
    project.close()
    return project.path


Times = tuple[float, float]


class Hand:
    """A window with a project in it, and what is done in it."""

    def __init__(self, path: Path) -> None:
        import napari

        self.viewer = napari.Viewer()
        self.viewer.window._qt_window.resize(1280, 720)
        self.dock = HypsegDock(self.viewer)
        self.viewer.window.add_dock_widget(self.dock, area="right")
        QTest.qWait(LOADING_MS)
        self.model, self.view = self.dock.model, self.dock.workspace.view
        self.structures = self.dock.workspace.structures
        self.opening = milliseconds(lambda: setattr(self, "project", Project.open(path, write=True)))
        self.project: Project
        self.project.set_regions(64)
        self.model.project = self.project
        for _ in self.view.show_segmentation():
            self.settle()
        self.settle()
        self._random = np.random.default_rng(2)

    def settle(self) -> None:
        """Let the window finish what it is at, and the picture be drawn."""
        QApplication.processEvents()
        gl.glFinish()

    def click(self, joins: Joins = Joins.REPLACES) -> None:
        """Click a random voxel inside."""
        while True:
            z, y, x = (int(place) for place in self._random.integers(0, self.project.records[0].shape[0], 3))
            if int(np.asarray(self.project.leaves[0][z, y, x])):
                break
        (layer,) = self.view.regions()
        self.structures.click(Click(layer, 0, (z, y, x), 0, joins))

    def select(self) -> None:
        """Click until something is selected that is in no structure."""
        self.structures.activate(None)
        while self.model.selection is None:
            self.click()
            if self.model.active is not None:
                self.structures.activate(None)

    def repaint(self) -> None:
        """Ask for the same picture again."""
        (layer,) = self.view.regions()
        self.viewer.window._qt_viewer.canvas.layer_to_visual[layer].node.update()

    def time(self, act: Callable[[], object], before: Callable[[], object] = lambda: None) -> Times:
        """Median milliseconds until `act` is done, and until the picture shows it."""
        found = []
        for _ in range(REPEATS):
            before()
            QTest.qWait(REST_MS)
            self.settle()
            start = time.perf_counter()
            act()
            own = time.perf_counter()
            self.settle()
            found.append((1e3 * (own - start), 1e3 * (time.perf_counter() - start)))
        own_times, whole_times = zip(*found, strict=True)
        return statistics.median(own_times), statistics.median(whole_times)


def measure(path: Path) -> dict[str, Times]:
    """Milliseconds of everything, own and with the repaint."""
    hand = Hand(path)
    structures = hand.structures
    found = {"open the project": (hand.opening, hand.opening), REPAINT: hand.time(hand.repaint)}
    found["click: region highlighted"] = hand.time(hand.click, structures.clear)
    found["walk one node up"] = hand.time(lambda: structures.walk(1), hand.select)
    found["edit, saved and shown"] = hand.time(structures.accept, hand.select)
    found["more like this"] = hand.time(lambda: structures.suggest(0.3), lambda: structures.activate(1))
    structures.activate(1)
    middle = hand.project.records[0].shape[0] // 2
    stroke = np.stack(np.meshgrid([middle], range(10), range(20), indexing="ij"), -1).reshape(-1, 3)
    numbers = iter(range(REPEATS))
    found["stroke of the brush, saved and shown"] = hand.time(
        lambda: structures.paint(0, stroke + np.array([0, 10 * next(numbers), 0]), erase=False)
    )
    found["undo of a stroke, saved and shown"] = hand.time(structures.undo)
    for number in range(EDITS):
        hand.project.structures.do(RenameStructure(structure=1, name=f"n{number}"))  # type: ignore[union-attr]
    found["undo after 1 000 edits"] = hand.time(structures.undo)
    hand.dock.workspace.shut_down()
    hand.viewer.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edge", type=int, default=512, help="edge of the volume [512]")
    parser.add_argument("--leaves", type=int, default=4096, help="leaves [4096]")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(make_project(Path(folder), arguments.edge, arguments.leaves))
    print("| what | own, ms | picture complete, ms | at most |\n| --- | ---: | ---: | ---: |")
    for what, limit in TARGETS.items():
        own, whole = found[what]
        print(f"| {what} | {own:.1f} | {whole:.1f} | {limit or '–'} |")


if __name__ == "__main__":
    main()
