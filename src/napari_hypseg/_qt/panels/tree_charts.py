"""The tree at a glance, linked both ways with the picture: what is clicked here is selected there."""

from collections.abc import Callable

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QResizeEvent, QShowEvent
from qtpy.QtWidgets import QSplitter, QVBoxLayout, QWidget

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.controllers.thumbnails import Thumbnails
from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.latent_chart import LatentChart
from napari_hypseg._qt.panels.region_list import RegionList
from napari_hypseg._qt.widgets.dendrogram_painter import BranchColours
from napari_hypseg._qt.widgets.dendrogram_view import FEWEST, DendrogramView
from napari_hypseg.hierarchy.branch_states import branch_states
from napari_hypseg.hierarchy.dendrogram import Dendrogram, lay_out
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.selection import region_above

REGIONS_WIDTH = 150
DISK_SHARE = 0.5
"""Of the width beside the list of regions that the disk may take."""


class TreeCharts(QWidget):
    """Regions, dendrogram and latent chart of the project at hand, side by side; they follow the model while seen.

    Signals
    -------
    regions_requested
        With the number of regions where the line was dragged to.
    """

    regions_requested = Signal(int)

    def __init__(self, model: WindowModel, structures: StructureController, thumbnails: Thumbnails, theme: str) -> None:
        super().__init__()
        self._model, self._structures = model, structures
        self._drawn: tuple[Hierarchy, frozenset[int], Dendrogram] | None = None
        self.dendrogram = DendrogramView(theme, self._describe)
        self.sides = QSplitter(Qt.Orientation.Horizontal)
        self.regions = RegionList(model, structures, thumbnails)
        self.sides.addWidget(self.regions)
        self.sides.addWidget(self.dendrogram)
        self.chart = LatentChart(model, structures, theme, self._describe)
        self.sides.addWidget(self.chart)
        self.sides.setStretchFactor(1, 1)
        self._by_hand = False
        self.sides.splitterMoved.connect(self._keep_sizes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.sides)
        self.dendrogram.cut_dragged.connect(self.regions_requested)
        self.dendrogram.clicked.connect(self._click)
        self.dendrogram.double_clicked.connect(self._toggle)
        self.dendrogram.pressed.connect(self._press)
        self.chart.view.pressed.connect(self._press)
        self.regions.pressed_key.connect(self._press)
        for changed in (
            model.project_changed,
            model.cut_changed,
            model.structures_changed,
            model.suggestion_changed,
            model.selection_changed,
        ):
            changed.connect(self.refresh)

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        self.dendrogram.set_theme(theme)
        self.chart.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The disk is as wide as high where there is room, until the person moves the sides."""
        super().resizeEvent(event)
        if not self._by_hand:
            rest = self.sides.width() - REGIONS_WIDTH
            chart = min(self.sides.height(), round(DISK_SHARE * rest))
            self.sides.setSizes([REGIONS_WIDTH, rest - chart, chart])

    def _keep_sizes(self, *_: object) -> None:
        self._by_hand = True

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed unseen."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the tree as it is now."""
        if not self.isVisible():
            return
        self.chart.refresh()
        self.regions.refresh()
        model = self._model
        if model.tree is None or model.table is None or model.annotation is None or model.project is None:
            self._drawn = None
            self.dendrogram.show_tree(None)
            return
        drawn = self._lay_out(model.tree)
        self.dendrogram.show_branches(self._colours(model.tree, drawn), model.project.n_regions)

    def _lay_out(self, tree: Hierarchy) -> Dendrogram:
        """Place the branches anew if the tree is another one or other nodes were opened or closed by hand."""
        assert self._model.annotation is not None
        local = self._model.annotation.local_cut(tree.name)
        chosen = local.opened | {int(tree.parents[node]) for node in local.closed}
        if self._drawn is None or self._drawn[0] is not tree or self._drawn[1] != chosen:
            self._drawn = (tree, chosen, lay_out(tree, chosen))
            self.dendrogram.show_tree(self._drawn[2], max(tree.n_leaves, FEWEST))
        return self._drawn[2]

    def _colours(self, tree: Hierarchy, drawn: Dendrogram) -> BranchColours:
        table, annotation, selected = self._model.table, self._model.annotation, self._model.selected_leaves
        assert table is not None
        assert annotation is not None
        places = {node: index for index, node in enumerate(drawn.nodes.tolist())}
        states = branch_states(tree, drawn.nodes, table.regions[1 : tree.n_leaves + 1], selected)
        local = annotation.local_cut(tree.name)
        return BranchColours(
            np.asarray(table.rows[1 + states.samples, :3], dtype=np.float32),
            states.uniform,
            states.selected,
            selected is not None,
            tuple(places[node] for node in local.opened),
            tuple(places[node] for node in local.closed),
        )

    def _describe(self, node: int) -> str:
        """What a node is, in a few words."""
        tree, table = self._model.tree, self._model.table
        if tree is None or table is None:
            return ""
        start, stop = tree.ranges[node].tolist()
        leaves = "a leaf" if stop - start == 1 else f"{stop - start} leaves"
        share = int(tree.sizes[node]) / max(int(tree.sizes[tree.root]), 1)
        below = np.unique(table.regions[1 + tree.leaf_order[start:stop]])
        what = table.describe(1 + int(tree.leaf_order[start])) if len(below) == 1 else f"{len(below)} regions"
        return f"Node {node}: {what}, {leaves}, {int(tree.sizes[node])} voxels, {share:.1%} of the sample"

    def _click(self, node: int, joins: Joins) -> None:
        with reporting_errors():
            self._structures.click_node(node, joins)

    def _toggle(self, node: int) -> None:
        with reporting_errors():
            self._structures.toggle_here(node)

    def _press(self, key: str) -> None:
        actions: dict[str, Callable[[], None]] = {
            "Enter": self._structures.accept,
            "Escape": self._structures.clear,
            "O": self._structures.open_here,
            "C": self._structures.close_here,
            "Up": lambda: self._structures.walk(1),
            "Down": lambda: self._structures.walk(-1),
            "Left": lambda: self._step(forward=False),
            "Right": lambda: self._step(forward=True),
        }
        with reporting_errors():
            actions[key]()

    def _step(self, forward: bool) -> None:
        """Select the region beside what is selected, in the order in which the leaves are drawn."""
        tree, cut, selection = self._model.tree, self._model.cut, self._model.selection
        if tree is None or cut is None:
            return
        node = None if selection is None else selection.node if selection.tree == tree.name else selection.leaf
        start, stop = (0, 0) if node is None else tree.ranges[node].tolist()
        place = stop if forward else start - 1
        if 0 <= place < tree.n_leaves:
            self._structures.click_node(region_above(tree, cut, int(tree.leaf_order[place])), Joins.REPLACES)
