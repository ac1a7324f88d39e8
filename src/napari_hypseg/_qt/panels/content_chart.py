"""The content of particles in latent space, coloured by class: what is drawn around is chosen in the gallery."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg._qt.panels.latent_chart import describe
from napari_hypseg._qt.widgets.chart_painter import ChartColours
from napari_hypseg._qt.widgets.chart_view import ChartContent, ChartView
from napari_hypseg._qt.widgets.class_colours import class_colours
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg.geometry.picture_plane import PicturePlane
from napari_hypseg.geometry.planar_projection import PlanarProjection, project_to_plane
from napari_hypseg.particles.classes.particle_content import ParticleContent
from napari_hypseg.particles.classes.sorted_particles import SortedParticles

WIDTH = 250
RADII = ((2000, 5.0), (10_000, 3.5))
"""Up to so many particles, pixels of a point; of more the smallest are drawn."""
SMALLEST = 2.5
JUNK_GREY = 0.35
NO_EDGES = np.zeros((0, 2, 3))
HINT = (
    "Every point is a particle in the colour of its class; near ones look alike to the model. Draw around some and the "
    "gallery shows them alone; a click goes to one, a click beside them shows all again."
)
PLACING = "Placing the particles…"
Rows = npt.NDArray[np.int64]


class ContentChart(QWidget):
    """The chart, and what to do with what was drawn around.

    Parameters
    ----------
    theme
        Name of napari's theme.
    describe
        Words, or rich text, about a particle by its place among all.
    take_key
        Takes a key that does something to what is chosen, and says whether it was one.

    Signals
    -------
    lassoed
        With the particles (m,) that were drawn around, by their places among all, and `Joins`.
    clicked
        With a particle, −1 for none, and `Joins`.
    """

    lassoed = Signal(object, object)
    clicked = Signal(int, object)

    def __init__(
        self, theme: str, describe: Callable[[int], str], take_key: Callable[[QKeyEvent], bool] = lambda _: False
    ) -> None:
        super().__init__()
        self._describe, self._take_key = describe, take_key
        self._content: ParticleContent | None = None
        self._known: Rows = np.zeros(0, dtype=np.int64)
        self._placed: PlanarProjection | None = None
        self._rgb = np.zeros((0, 3), dtype=np.float32)
        self._selected: Rows = self._known
        self.only, self.new_class = QPushButton("Only these"), QPushButton("New class")
        set_tooltip(self.only, "The gallery shows what is chosen alone; all classes, above it, shows all again.")
        set_tooltip(self.new_class, "Puts what is chosen into a class of its own; Ctrl-Z takes that back.")
        self.view = ChartView(theme, self._words, "Chart of the particles in latent space", HINT)
        self.view.lasso.setChecked(True)
        self.view.lassoed.connect(self._tell_lassoed)
        self.view.clicked.connect(self._tell_clicked)
        head = QHBoxLayout()
        for widget in (self.only, self.new_class, self.view.lasso):
            head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        self.setMinimumWidth(WIDTH // 2)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do with what is chosen what the gallery does."""
        if not self._take_key(event):
            super().keyPressEvent(event)

    def show_sorted(self, found: SortedParticles | None, junk: npt.NDArray[np.bool_]) -> None:
        """Show the content of sorted particles, if it is known; junk (n,) is grey."""
        content = None if found is None else found.content
        if content is not None and not len(content.known):
            content = None
        self.setVisible(content is not None)
        if found is None or content is None:
            self._content = self._placed = None
            return
        if content is not self._content:
            self._content, self._known, self._placed = content, content.known, None
            self.view.show_message(PLACING)
            work = partial(project_to_plane, content.points[self._known].astype(np.float64), content.curvature)
            ThreadTask(work, partial(self._take, content), show_exception, self)
        rgb = class_colours(found.ranks.classes)
        rgb[junk] = JUNK_GREY
        self._rgb = rgb[self._known]
        self._show_colours()

    def show_selection(self, particles: Rows) -> None:
        """Let the chosen particles stand out."""
        self._selected = particles
        self._show_colours()

    def tell_picture(self) -> None:
        """Pictures that were asked for are there: show that of the particle under the pointer."""
        self.view.describe_hovered(again=True)

    def _take(self, content: ParticleContent, placed: PlanarProjection) -> None:
        if content is self._content:
            self._placed = placed
            plane = PicturePlane.of(placed.space, placed.points)
            self.view.show_content(
                ChartContent(placed.points, plane, NO_EDGES, "" if placed.exact else describe(placed))
            )
            self._show_colours()

    def _show_colours(self) -> None:
        if self._placed is None:
            return
        selected = np.isin(self._known, self._selected) if len(self._selected) else None
        n = len(self._known)
        radius = next((radius for most, radius in RADII if n <= most), SMALLEST)
        self.view.show_colours(ChartColours(self._rgb, np.full(n, radius), selected))

    def _words(self, point: int) -> str:
        return self._describe(int(self._known[point]))

    def _tell_lassoed(self, inside: npt.NDArray[np.bool_], joins: Joins) -> None:
        self.lassoed.emit(self._known[inside], joins)

    def _tell_clicked(self, point: int, joins: Joins) -> None:
        self.clicked.emit(int(self._known[point]) if point >= 0 else -1, joins)
