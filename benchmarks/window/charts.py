"""What a frame of the dendrogram and of the Poincaré disk costs, and how long leaves take to be placed.

Prints a markdown table. Run it under a display:

    xvfb-run -a -s "-screen 0 1400x900x24" python -m benchmarks.window.charts
"""

import statistics
import time

import numpy as np
from qtpy.QtWidgets import QApplication

from benchmarks.window.slider import milliseconds, tree_of
from napari_hypseg._qt.widgets.chart_painter import ChartColours, point_radii
from napari_hypseg._qt.widgets.chart_view import ChartContent, ChartView
from napari_hypseg._qt.widgets.dendrogram_painter import BranchColours
from napari_hypseg._qt.widgets.dendrogram_view import DendrogramView
from napari_hypseg.geometry.picture_plane import PicturePlane
from napari_hypseg.geometry.planar_projection import project_to_plane
from napari_hypseg.geometry.space_form import SpaceForm
from napari_hypseg.hierarchy.branch_states import branch_states
from napari_hypseg.hierarchy.colour.node_colours import colour_table
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.dendrogram import lay_out
from napari_hypseg.hierarchy.node_centroids import edges_above, node_centroids
from napari_hypseg.hierarchy.tree import Hierarchy

LEAVES = (512, 4096)
REGIONS = (8, 64)
DIM = 8
SIZE = 480
FRAMES = 40
SPACE = SpaceForm(-1)


def points_of(n_leaves: int) -> np.ndarray:
    """Leaves scattered over the Poincaré ball."""
    vectors = 0.3 * np.random.default_rng(0).normal(size=(n_leaves, DIM))
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.tanh(length) * vectors / length)


def disk_frame(view: ChartView) -> float:
    """Median milliseconds of a step of a drag: the isometry and the picture."""

    def step() -> None:
        view.plane = view.plane.dragged(0.1 + 0j, 0.12 + 0.01j)
        view.grab()

    return statistics.median(milliseconds(step) for _ in range(FRAMES))


def disk_of(tree: Hierarchy, points: np.ndarray, regions: int) -> ChartView:
    """The disk with points in the colours of a cut and the edges down to it."""
    cut = cut_at(tree, regions)
    view = ChartView("dark", str, "chart", "")
    view.resize(SIZE, SIZE)
    plane = PicturePlane.of(SPACE, points)
    ends = edges_above(tree, cut)
    edges = node_centroids(tree, SPACE, points, ends.ravel()).reshape(-1, 2, 3)
    view.show_content(ChartContent(points, plane, edges))
    sizes = tree.sizes[: tree.n_leaves]
    selected = lookup(tree, cut)[1:] == 1
    view.show_colours(ChartColours(colour_table(tree, cut)[1:, :3], point_radii(sizes), selected))
    return view


def dendrogram_frame(tree: Hierarchy, regions: int) -> float:
    """Median milliseconds of a step of the line: states of the branches, their colours, and the picture."""
    drawn = lay_out(tree)
    view = DendrogramView("dark", str)
    view.resize(SIZE, SIZE // 2)
    view.show_tree(drawn, tree.n_leaves)
    cut = cut_at(tree, regions)

    def step() -> None:
        states = branch_states(tree, drawn.nodes, lookup(tree, cut)[1:], None)
        samples = colour_table(tree, cut)[1 + states.samples, :3]
        view.show_branches(BranchColours(samples, states.uniform, states.selected, dims=False), regions)
        view.grab()

    return statistics.median(milliseconds(step) for _ in range(FRAMES))


def main() -> None:
    """Print the table."""
    application = QApplication([])
    print("| leaves | placed in, s | regions | disk frame, ms | dendrogram frame, ms |")
    print("|---:|---:|---:|---:|---:|")
    for n_leaves in LEAVES:
        tree = tree_of(n_leaves)
        start = time.perf_counter()
        found = project_to_plane(points_of(n_leaves), 1.0)
        seconds = time.perf_counter() - start
        for regions in REGIONS:
            disk = disk_frame(disk_of(tree, found.points, regions))
            dendrogram = dendrogram_frame(tree, regions)
            print(f"| {n_leaves} | {seconds:.1f} | {regions} | {disk:.1f} | {dendrogram:.1f} |")
    application.quit()


if __name__ == "__main__":
    main()
