"""What a slider step costs in a real napari window, whatever the size of the volume.

Prints a markdown table. Run it under a display:

    xvfb-run -a -s "-screen 0 1400x900x24" python -m benchmarks.window.slider

*table* makes the table of a cut, *call* hands it to the layer, and *draw* is the repaint that follows, up to the moment
the picture is complete. Medians of the steps of a hand that moves from 2 to 64 regions.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import napari
import numpy as np
from qtpy.QtWidgets import QApplication
from vispy.gloo import gl

from napari_hypseg._napari.layer_sync import add_leaf_layer, set_table
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.hierarchy.tree import Hierarchy

REGIONS = range(2, 65)
EDGES = (64, 256, 512)
PATIENCE = 10.0  # seconds


def tree_of(n_leaves: int) -> Hierarchy:
    """A tree over leaves scattered at random."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(n_leaves, 2)).astype(np.float32)
    return build_hierarchy(points, rng.integers(1, 1000, n_leaves), EUCLIDEAN)


def leaves_of(edge: int, n_leaves: int) -> np.ndarray:
    """Leaf ids as blocks of 8 voxels."""
    cells = -(-edge // 8)
    ids = np.random.default_rng(0).integers(0, n_leaves + 1, (cells,) * 3).astype(np.uint16)
    for axis in range(3):
        ids = ids.repeat(8, axis=axis)
    return np.ascontiguousarray(ids[:edge, :edge, :edge])


def milliseconds(work: Callable[[], object]) -> float:
    """Wall-clock time of `work`."""
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def steps(viewer: napari.Viewer, layer: napari.layers.Labels, tree: Hierarchy) -> Iterator[tuple[float, float, float]]:
    """Milliseconds of table, call and draw of every step."""
    canvas = viewer.window._qt_viewer.canvas._scene_canvas
    drawn: list[object] = []
    canvas.events.draw.connect(drawn.append, position="last")

    def draw() -> None:
        deadline = time.monotonic() + PATIENCE
        while not drawn:
            if time.monotonic() > deadline:
                raise SystemExit("The window is never drawn; run this under a display that shows it.")
            QApplication.processEvents()
        drawn.clear()
        canvas.set_current()
        gl.glFinish()

    tables: list[LeafTable] = []
    for regions in (*REGIONS, *reversed(REGIONS)):
        made = milliseconds(partial(_add_table, tables, tree, regions))
        QApplication.processEvents()
        drawn.clear()
        called = milliseconds(lambda: set_table(viewer, layer, tables[-1]))
        yield made, called, milliseconds(draw)


def _add_table(tables: list[LeafTable], tree: Hierarchy, regions: int) -> None:
    tables.append(LeafTable.of(tree, cut_at(tree, regions)))


def measure(edge: int, ndisplay: int, tree: Hierarchy) -> tuple[float, float, float]:
    """Medians of table, call and draw at one size, in a window of its own."""
    viewer = napari.Viewer()
    layer = add_leaf_layer(viewer, leaves_of(edge, tree.n_leaves), LeafTable.of(tree, cut_at(tree, 2)))
    viewer.dims.ndisplay = ndisplay
    viewer.screenshot(flash=False)
    viewer.window.activate()
    columns = zip(*steps(viewer, layer, tree), strict=True)
    table, call, draw = (statistics.median(column) for column in columns)
    viewer.close()
    QApplication.processEvents()
    return table, call, draw


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leaves", type=int, nargs="+", default=[256, 4096])
    parser.add_argument("--edges", type=int, nargs="+", default=list(EDGES))
    arguments = parser.parse_args()
    print("| leaves | view | volume | table ms | call ms | table + call ms | draw ms |")
    print("|---:|---|---|---:|---:|---:|---:|")
    for n_leaves in arguments.leaves:
        tree = tree_of(n_leaves)
        for ndisplay in (2, 3):
            calls = []
            for edge in arguments.edges:
                table, call, draw = measure(edge, ndisplay, tree)
                calls.append(table + call)
                row = (n_leaves, f"{ndisplay}D", f"{edge}³", *(f"{t:.2f}" for t in (table, call, table + call, draw)))
                print("|", " | ".join(map(str, row)), "|", flush=True)
            ratio = calls[-1] / calls[0]
            print(f"| {n_leaves} | {ndisplay}D | {arguments.edges[-1]}³ / {arguments.edges[0]}³ | | | {ratio:.2f} | |")


if __name__ == "__main__":
    main()
