"""The leaves in latent space: the Poincaré disk, or its counterpart for a flat or spherical latent space."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors, show_exception
from napari_hypseg._qt.widgets.chart_painter import ChartColours, point_radii
from napari_hypseg._qt.widgets.chart_view import ChartContent, ChartView
from napari_hypseg.errors import ProjectError
from napari_hypseg.geometry.picture_plane import PicturePlane
from napari_hypseg.geometry.planar_projection import PlanarProjection, place_others, project_to_plane
from napari_hypseg.geometry.space_form import Array
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.node_centroids import edges_above, node_centroids
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.project.latent_metric import latent_curvature

if TYPE_CHECKING:
    from napari_hypseg.project.records import Segmentation

logger = logging.getLogger(__name__)

HINT = (
    "Every point is a leaf, larger for more voxels; near ones look alike to the model, lines are the tree down to the "
    "regions shown, the cloud behind says where most voxels lie. Click a point to select its region."
)
TITLES = {-1: "Poincaré disk", 0: "Flat chart", 1: "Equal-area map of the sphere"}


@dataclass(frozen=True, eq=False)
class PlacedLeaves:
    """Where the leaves are drawn, and a sample of supervoxels, float64 (s, 3), None where none was kept."""

    projection: PlanarProjection
    sample: Array | None


class LatentChart(QWidget):
    """The chart of the project at hand, computed on a thread when it is first seen; kept until other leaves come."""

    def __init__(
        self, model: WindowModel, structures: StructureController, theme: str, describe_leaf: Callable[[int], str]
    ) -> None:
        super().__init__()
        self._model, self._structures = model, structures
        self._computing: str | None = None
        self._known: tuple[str, PlacedLeaves] | None = None
        self._drawn: tuple[PlanarProjection, Cut] | None = None
        self.view = ChartView(theme, describe_leaf, "Chart of the leaves in latent space", HINT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.view.clicked.connect(self._click)
        self.view.lassoed.connect(self._select)

    @property
    def projection(self) -> PlanarProjection | None:
        """Where the leaves at hand are drawn, None before that is known."""
        placed = self._placed
        return None if placed is None else placed.projection

    @property
    def _placed(self) -> "PlacedLeaves | None":
        return self._known[1] if self._known is not None and self._known[0] == self._fingerprint else None

    def set_theme(self, theme: str) -> None:
        """Take the colours of napari's theme called `theme`."""
        self.view.set_theme(theme)

    def refresh(self) -> None:
        """Show the leaves as they are now, or have their places computed first."""
        tree = self._model.tree
        if tree is None or self._model.table is None:
            self._show_message("There are no regions yet.")
        elif self._placed is None:
            self._show_message("Placing the leaves…")
            self._compute(tree)
        else:
            self._show(tree, self._placed)

    @property
    def _fingerprint(self) -> str | None:
        project = self._model.project
        return None if project is None or project.segmentation is None else project.segmentation.fingerprint

    def _show_message(self, message: str) -> None:
        self._drawn = None
        self.view.show_message(message)

    def _compute(self, tree: Hierarchy) -> None:
        project, fingerprint = self._model.project, self._fingerprint
        if project is None or project.segmentation is None or fingerprint is None or self._computing == fingerprint:
            return
        self._computing = fingerprint
        curvature = latent_curvature(project.settings, project.segmentation.record)
        work = partial(place_leaves, project.segmentation, curvature)
        ThreadTask(work, partial(self._take_up, fingerprint), self._give_up, self)

    def _take_up(self, fingerprint: str, found: "PlacedLeaves") -> None:
        if fingerprint == self._computing:
            self._computing = None
            self._known = (fingerprint, found)
            if self.isVisible():
                self.refresh()

    def _give_up(self, error: Exception) -> None:
        self._computing = None
        self._show_message("The leaves cannot be placed.")
        show_exception(error)

    def _show(self, tree: Hierarchy, placed: "PlacedLeaves") -> None:
        projection = placed.projection
        cut, table, selected = self._model.cut, self._model.table, self._model.selected_leaves
        assert cut is not None
        assert table is not None
        if self._drawn is None or self._drawn != (projection, cut):
            self._drawn = (projection, cut)
            plane = PicturePlane.of(projection.space, projection.points)
            ends = edges_above(tree, cut)
            edges = node_centroids(tree, projection.space, projection.points, ends.ravel()).reshape(-1, 2, 3)
            self.view.show_content(ChartContent(projection.points, plane, edges, describe(projection), placed.sample))
        rgb = np.asarray(table.rows[1 : tree.n_leaves + 1, :3], dtype=np.float32)
        self.view.show_colours(ChartColours(rgb, point_radii(tree.sizes[: tree.n_leaves]), selected))

    def _click(self, leaf: int, joins: Joins) -> None:
        with reporting_errors():
            if leaf >= 0:
                self._structures.click_leaf(leaf, joins)
            elif joins is Joins.REPLACES:
                self._structures.clear()

    def _select(self, leaves: npt.NDArray[np.bool_], joins: Joins) -> None:
        with reporting_errors():
            self._structures.select_leaves(leaves, joins)


def place_leaves(segmentation: "Segmentation", curvature: float) -> PlacedLeaves:
    """Place the leaves and, where the segmentation has kept some, a sample of supervoxels; called on a thread."""
    tree = segmentation.hierarchy
    sizes = tree.sizes[: tree.n_leaves].copy()
    projection = project_to_plane(tree.points, curvature, sizes)
    try:
        sampled = segmentation.features.supervoxels
    except ProjectError:  # damaged: the chart of the leaves is as good without
        logger.warning("The sample of supervoxels cannot be read", exc_info=True)
        sampled = None
    if sampled is None:
        return PlacedLeaves(projection, None)
    return PlacedLeaves(projection, place_others(projection, tree.points, sampled, curvature, sizes))


def describe(projection: PlanarProjection) -> str:
    """Which chart it is, and how far its distances can be trusted."""
    title = TITLES[projection.space.sign]
    if projection.exact:
        return f"{title} of the latent space itself\nall distances exact"
    return (
        f"{title}, projected from {projection.dim} dimensions\n"
        f"distances within {projection.error:.1%}, rank correlation {projection.correlation:.3f}"
    )
