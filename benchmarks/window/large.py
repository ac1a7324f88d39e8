"""Moving through a project of half a billion voxels: sections, panning, hovering and the view in three dimensions.

Prints a markdown table. Run it under a display:

    xvfb-run -a -s "-screen 0 1400x900x24" python -m benchmarks.window.large

Milliseconds until the picture is complete, of leaf ids with ragged borders that are stored at several resolutions. The
hand rests between two steps as long as `--rest` says; chunks of 48 planes are unpacked as the section comes to them.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from napari import Viewer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from vispy.gloo import gl

from benchmarks.window.slider import milliseconds, tree_of
from napari_hypseg._qt.dock import HypsegDock
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.leaf_levels import write_leaf_levels
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.project.view_state import NAME as VIEW_FILE
from napari_hypseg.supervoxels.workspace import tiles
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.box import Box, Index3

STEPS = 100
"""Sections, which cross two rows of chunks."""
CELL = 9
"""Edge in voxels of the parts of a leaf, whose borders are ragged by a third of that."""
LOADING_MS = 2000
ZOOM = 2.2


def ragged_leaves(box: Box, n_leaves: int) -> np.ndarray:
    """Leaf ids uint16 (z, y, x) of a box: cubes with ragged borders."""
    random = np.random.default_rng(box.start)
    places = [np.arange(a, b) for a, b in zip(box.start, box.stop, strict=True)]
    z, y, x = np.meshgrid(*places, indexing="ij", sparse=True)
    shaken = random.integers(0, CELL // 3 + 1, box.shape, dtype=np.uint8)
    cells = [(place + shaken) // CELL for place in (z, y, x)]
    mixed = (cells[0] * 7919 + cells[1] * 104_729 + cells[2] * 1_299_709) % n_leaves
    leaves: np.ndarray = (mixed + 1).astype(np.uint16)
    return leaves


def make_project(folder: Path, shape: Index3, n_leaves: int) -> Path:
    """A project with regions at several resolutions, without learning."""
    volume = Volume((np.broadcast_to(np.uint8(0), shape),), name="large")
    project = Project.create(folder / "large", [Specimen(volume)], RunSettings())
    (stored,) = project.store.start_segmentation([shape])
    for tile in tiles(volume.box):
        stored[tile.slices] = ragged_leaves(tile, n_leaves)
    quietly(write_leaf_levels(project, [stored]))
    tree = tree_of(n_leaves)
    looks = np.zeros((n_leaves, 12), dtype=np.float32)
    project.store.finish_segmentation({PARTS: tree}, {}, LeafFeatures.of(tree, descriptors=looks))
    project.close()
    return project.path


class Window:
    """A window with a large project in it.

    Parameters
    ----------
    path
        The project.
    rest
        Milliseconds between two steps.
    """

    def __init__(self, path: Path, rest: int) -> None:
        self.viewer, self.rest = Viewer(), rest
        self.viewer.window._qt_window.resize(1300, 850)
        self.dock = HypsegDock(self.viewer)
        self.viewer.window.add_dock_widget(self.dock, area="right")
        QTest.qWait(LOADING_MS)
        self.opening = milliseconds(lambda: self._open(path))

    def _open(self, path: Path) -> None:
        (path / VIEW_FILE).unlink(missing_ok=True)  # an earlier run ended in three dimensions
        project = Project.open(path, write=True)
        project.set_regions(64)
        self.dock.model.project = project
        view = self.dock.workspace.view
        for _ in view.show_segmentation():
            self.settle()
        self.settle()
        (self.layer,) = view.regions()

    def settle(self) -> None:
        """Let the window finish what it is at, and the picture be drawn."""
        QApplication.processEvents()
        gl.glFinish()

    def times(self, steps: Iterator[Callable[[], object]]) -> list[float]:
        """Milliseconds until the picture of each step is complete."""
        found = []
        for step in steps:
            QTest.qWait(self.rest)
            self.settle()
            found.append(milliseconds(partial(self.act, step)))
        return found

    def act(self, step: Callable[[], object]) -> None:
        """Take a step, and let the picture be drawn."""
        step()
        self.settle()

    def sections(self, axis: int) -> Iterator[Callable[[], object]]:
        """Steps along an axis, from its middle."""
        middle = self.layer.data.shape[axis] // 2
        for place in range(middle, middle + STEPS):
            yield partial(self.viewer.dims.set_point, axis, place)

    def pans(self) -> Iterator[Callable[[], object]]:
        """Steps of the picture by 10 voxels."""
        z, y, x = self.viewer.scene.camera.center
        for number in range(STEPS):
            yield partial(setattr, self.viewer.scene.camera, "center", (z, y, x + 10 * number))

    def hovers(self) -> Iterator[Callable[[], object]]:
        """Places the mouse points at."""
        z, y, x = self.layer.data.shape
        for number in range(STEPS):
            yield partial(self.layer.get_status, (z // 2, y // 3 + number, x // 3), world=True)

    @contextmanager
    def zoomed(self) -> Iterator[None]:
        """The middle of the picture, enlarged."""
        whole = self.viewer.scene.camera.zoom
        self.viewer.scene.camera.zoom = ZOOM * whole
        self.settle()
        yield
        self.viewer.scene.camera.zoom = whole
        self.settle()


def measure(path: Path, rest: int) -> dict[str, list[float]]:
    """Milliseconds of every step."""
    window = Window(path, rest)
    viewer, found = window.viewer, {}
    found["open"] = [window.opening]
    viewer.reset_view()
    found["next section, all of it in view"] = window.times(window.sections(0))
    with window.zoomed():
        found["next section, zoomed 2.2 times"] = window.times(window.sections(0))
        found["pan, zoomed"] = window.times(window.pans())
    found["hovering"] = window.times(window.hovers())
    viewer.dims.order = (1, 0, 2)
    viewer.reset_view()
    window.settle()
    found["next section across the planes"] = window.times(window.sections(1))
    viewer.dims.order = (0, 1, 2)
    found["three dimensions"] = window.times(iter([partial(setattr, viewer.dims, "ndisplay", 3)]))
    window.dock.workspace.shut_down()
    viewer.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="512x1024x1024", help="voxels along z, y and x [512x1024x1024]")
    parser.add_argument("--leaves", type=int, default=1500, help="leaves [1500]")
    parser.add_argument("--rest", type=int, default=50, help="milliseconds between two steps [50]")
    parser.add_argument("--project", type=Path, help="folder of a project of an earlier run, made if it is not there")
    arguments = parser.parse_args()
    z, y, x = map(int, arguments.shape.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        kept = arguments.project
        if kept is None or not kept.exists():
            started = time.monotonic()
            made = make_project(kept.parent if kept else Path(folder), (z, y, x), arguments.leaves)
            print(f"{made.name} was made in {time.monotonic() - started:.0f} s\n", flush=True)
        found = measure(kept or made, arguments.rest)
    print("| what | median, ms | most, ms | steps above 100 ms |\n| --- | ---: | ---: | ---: |")
    for what, times in found.items():
        above = sum(time > 100 for time in times)
        print(f"| {what} | {statistics.median(times):.1f} | {max(times):.1f} | {above} of {len(times)} |")


if __name__ == "__main__":
    main()
