"""The gallery of particles: sorted as wanted, averaged class by class, flown to, and rid of junk."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from napari.utils.notifications import show_info
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QSpinBox, QSplitter, QWidget

from napari_hypseg._qt.controllers.classify import ClassifyController
from napari_hypseg._qt.controllers.particle_pictures import ParticlePictures, PictureSource
from napari_hypseg._qt.controllers.particles import FoundParticles, ParticleController
from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.layers.measured_view import MeasuredView
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors, show_exception
from napari_hypseg._qt.panels.content_chart import ContentChart
from napari_hypseg._qt.panels.gallery_choice import GalleryChoice
from napari_hypseg._qt.widgets.average_strip import AverageStrip
from napari_hypseg._qt.widgets.class_colours import class_colours
from napari_hypseg._qt.widgets.controls import button, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.gallery_view import GalleryContent, GalleryView
from napari_hypseg._qt.widgets.picture_tooltip import picture_tooltip
from napari_hypseg.particles.classes.averaging import ClassAverages
from napari_hypseg.particles.classes.class_table import write_class_table
from napari_hypseg.particles.classes.sorted_particles import SortedParticles, read_class_table, sorted_columns
from napari_hypseg.particles.gallery_slices import LARGEST_BOX, sorted_rows, suggested_edge
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.pipeline.classify_particles import ClassifiedParticles
from napari_hypseg.volumes.units import SYMBOLS

AVERAGE_DELAY_MS = 300
CLASSES = "classes"
"""What steps are about that change the classes."""
Rows = npt.NDArray[np.int64]
JOINED: Mapping[Joins, Callable[[Rows, Rows], Rows]] = MappingProxyType(
    {Joins.REPLACES: lambda _, new: new, Joins.ADDS: np.union1d, Joins.TAKES: np.setdiff1d}
)
"""What is chosen, and what was drawn around, together."""


class GalleryPanel(QWidget):
    """Pictures of all particles that were found, beside them averages; `tools` say what, and what to do with it.

    Signals
    -------
    classify_requested
        The person wants the particles sorted into classes.

    Attributes
    ----------
    tools
        Order, box, junk and classes in a row, for whoever has room for it.
    """

    classify_requested = Signal()

    def __init__(
        self, model: WindowModel, particles: ParticleController, pictures: ParticlePictures,
        structures: StructureController, places: MeasuredView, classifying: ClassifyController, theme: str,
    ) -> None:  # fmt: skip
        super().__init__()
        self._classifying = classifying
        self._model, self._particles, self.pictures, self._places = model, particles, pictures, places
        self._found: FoundParticles | None = None
        self._all: ParticleSet | None = None
        self._junk = np.zeros(0, dtype=bool)
        self.sorted: SortedParticles | None = None
        self._rows: Rows = np.zeros(0, dtype=np.int64)
        self.choice, self.box, self.aligned = GalleryChoice(self), QSpinBox(), QCheckBox("Aligned")
        self.mark = button("Junk", "Marks what is chosen as junk, or as good again (Delete).", self.toggle_junk)
        self.load = button(
            "Classes…",
            "Reads the table that hypseg classify has written of these particles: the gallery is sorted by class, and "
            "each class averaged.",
            self._ask_classes,
        )
        self.classify = button(
            "Classify…",
            "Sorts the particles by what they look like, apart from how they are turned: the gallery is then sorted by "
            "class, and each class averaged.",
            self.classify_requested.emit,
        )
        self.save = button(
            "Save…",
            "Writes the classes as a table, which Classes… reads again, and by which the command moves and turns "
            "particles.",
            self._ask_save,
        )
        self.tools = QWidget()
        self.averages, self.view = AverageStrip(), GalleryView(pictures.picture)
        self.chart = ContentChart(theme, self._pictured, self.view.take_key)
        self._average = single_shot(self, self._ask_averages, AVERAGE_DELAY_MS)
        self._lay_out()
        self._connect(structures)
        self.choice.offer(None, None)
        self.refresh()

    @property
    def found(self) -> FoundParticles | None:
        """What is shown."""
        return self._found

    @property
    def junk(self) -> npt.NDArray[np.bool_]:
        """Which of all particles are junk now."""
        return self._junk

    def show_found(self, found: FoundParticles | None) -> None:
        """Show what was found; where the same was found again, classes and pictures stay."""
        before, self._found = self._all, found
        self._all = None if found is None else found.everything
        if found is None or self._all is None:
            self.pictures.show(None)
            self._forget()
        elif before is None or not same_particles(before, self._all) or not self.pictures.source:
            self._forget()
            self.averages.show_movie(())
            self.box.blockSignals(True)
            self.box.setValue(suggested_edge(self._all))
            self.box.blockSignals(False)
            self._begin_pictures()
        self.choice.offer(self._all, self.sorted)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show all particles in the order that is chosen, with what is junk now."""
        everything = self._all
        if everything is None:
            self._junk = np.zeros(0, dtype=bool)
            self.view.show_content(GalleryContent(np.zeros(0, np.int64), self._junk, str, str))
            self.averages.clear()
        else:
            self._junk = self._particles.junk(everything)
            order = self.choice.rows(everything, self.sorted, self._junk)
            self.view.show_content(GalleryContent(order, self._junk, self._words, self._corner, self._colour))
            self._average.start()
        self.chart.show_sorted(self.sorted, self._junk)
        self._update_enabled()

    def load_classes(self, path: Path) -> None:
        """Sort the particles by a table of classes.

        Raises
        ------
        InputError
            If it is no such table, or of other particles.
        """
        self._take_read(read_class_table(path))

    def _take_read(self, table: SortedParticles) -> None:
        """Show the classes of a table that was read."""
        self._take_classes(table)
        self.averages.show_movie(())

    def _take_classes(self, table: SortedParticles) -> None:
        """Show the classes of a table about all particles here, or of those that it can be about."""
        if self._all is None:
            return
        self._rows = sorted_rows(len(table), self._all, self._junk, self.box.value())
        self._particles.history.forget(CLASSES)
        self.choice.forget()
        self._show_sorted(table.spread(self._rows, len(self._all)))
        self.choice.show_order("class")
        self._begin_pictures()
        self.refresh()

    def _show_sorted(self, found: SortedParticles) -> None:
        self.sorted = found
        self.choice.offer(self._all, found)
        self.refresh()

    def _forget(self) -> None:
        """Other particles are there: nothing is known of them yet."""
        self.sorted = None
        self._particles.history.forget(CLASSES)
        self.choice.forget()

    def save_classes(self, path: Path) -> None:
        """Write the table of classes.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        if self.sorted is not None:
            write_class_table(path, sorted_columns(self.sorted.take(self._rows)))

    def toggle_junk(self) -> None:
        """Mark what is chosen as junk; where all of it is junk, as good again."""
        chosen = self.view.particles()
        if self._all is None or not len(chosen):
            return
        junk = ~self._junk[chosen]
        with reporting_errors():
            self._particles.mark_junk(self._all.take(chosen[junk] if junk.any() else chosen), bool(junk.any()))

    def choose_class(self, number: int) -> None:
        """Choose all particles of a class that are in the gallery."""
        if self.sorted is not None and number:
            self.view.choose(np.flatnonzero((self.sorted.ranks.classes == number) & ~self._junk))

    def make_class(self) -> None:
        """Put what is chosen into a class of its own; what was never sorted, as it has no whole box, stays out."""
        chosen, before = np.intersect1d(self.view.particles(), self._rows), self.sorted
        if before is not None and len(chosen):
            after = before.with_class(chosen)
            self._particles.history.do(CLASSES, partial(self._show_sorted, after), partial(self._show_sorted, before))

    def show_only(self, particles: Rows | None) -> None:
        """Show and choose some particles alone, by their places among all; None shows all."""
        if self._all is not None:
            self.view.choose(np.zeros(0, np.int64))  # what was chosen is not looked for in the new order
            self.choice.show_only(particles, self._all, self.sorted)
            if particles is not None:
                self.view.choose(particles)

    def _take_lassoed(self, particles: Rows, joins: Joins) -> None:
        """Show what was drawn around in the chart, with or without what is chosen already."""
        chosen = self.view.particles()
        joined = JOINED[joins](chosen, particles)
        self.show_only(joined if len(joined) else None)

    def _take_clicked(self, particle: int, joins: Joins) -> None:
        """Go to a particle of the chart, or show all again."""
        if particle < 0:
            self.show_only(None)
            return
        if particle not in self.view.rows.content.order:
            self.show_only(None)
        self.view.choose(JOINED[joins](self.view.particles(), np.array([particle])))
        self._fly(particle)

    def _take_classified(self, found: FoundParticles, edge: int, classified: ClassifiedParticles) -> None:
        """Show the classes of a job, unless other particles are here by now."""
        if self._found is None or self._all is None or not same_particles(found.everything, self._all):
            show_info("Other particles are in the gallery by now; classify these.")
            return
        self.box.setValue(edge)
        with reporting_errors():
            self._take_classes(classified.table)
            self.averages.show_movie([self.pictures.pixmap(frame) for frame in classified.movie])

    def _connect(self, structures: StructureController) -> None:
        for changed in (self.choice.changed, self._model.structures_changed, self._particles.picks.changed):
            changed.connect(self.refresh)
        for changed in (self.box.valueChanged, self.aligned.toggled):
            changed.connect(self._look_anew)
        self.view.chosen.connect(self._fly)
        self.view.selection_told.connect(self._update_enabled)
        self.view.junk_requested.connect(self.toggle_junk)
        self.view.undo_requested.connect(lambda: self._step(self._particles.history.undo, structures.undo))
        self.view.redo_requested.connect(lambda: self._step(self._particles.history.redo, structures.redo))
        self.chart.lassoed.connect(self._take_lassoed)
        self.chart.clicked.connect(self._take_clicked)
        self.chart.only.clicked.connect(lambda: self.show_only(self.view.particles()))
        self.chart.new_class.clicked.connect(self.make_class)
        self.pictures.changed.connect(self.chart.tell_picture)
        self.averages.class_chosen.connect(self.choose_class)
        self._classifying.classified.connect(self._take_classified)
        self.pictures.changed.connect(self.view.redraw)
        self.pictures.averaged.connect(self._show_averages)

    def _step(self, here: Callable[[], bool], in_project: Callable[[], None]) -> None:
        """Undo or redo what was done here, or else an edit of the project."""
        with reporting_errors():
            if not here():
                in_project()

    def _look_anew(self, *_: object) -> None:
        self._begin_pictures()
        self.refresh()

    def _begin_pictures(self) -> None:
        if self._found is not None and self._all is not None:
            aligned = self.sorted if self.aligned.isChecked() else None
            choice = self._found.choice
            self.pictures.show(
                PictureSource(self._found.project, choice.specimen, self._all, self.box.value(), aligned)
            )

    def _words(self, particle: int) -> str:
        """What is known of a particle."""
        everything = self._all
        if everything is None:
            return ""
        number = "junk" if self._junk[particle] else f"particle {int((~self._junk[: particle + 1]).sum())}"
        words = [number]
        if "diameter" in everything.scalars:
            unit = SYMBOLS.get(everything.grid.unit, everything.grid.unit)
            words.append(f"{everything.scalars['diameter'][particle]:.4g} {unit} across")
        if self.sorted is not None and (found := int(self.sorted.ranks.classes[particle])):
            words += [f"class {found}", f"doubt {self.sorted.ranks.doubt[particle]:.2g}"]
        return ", ".join(words)

    def _pictured(self, particle: int) -> str:
        """What is known of a particle, below its picture once that is there."""
        picture = self.pictures.picture(particle)
        return self._words(particle) if picture is None else picture_tooltip(picture, self._words(particle))

    def _colour(self, particle: int) -> QColor:
        """Colour of a particle's class."""
        if self.sorted is None:
            return QColor(0, 0, 0)
        (rgb,) = class_colours(self.sorted.ranks.classes[particle : particle + 1]).tolist()
        return QColor.fromRgbF(*rgb)

    def _corner(self, particle: int) -> str:
        return "" if self.sorted is None else str(int(self.sorted.ranks.classes[particle]) or "–")

    def _fly(self, particle: int) -> None:
        if self._all is not None:
            z, y, x = self._all.world[particle].tolist()
            self._places.fly_to((z, y, x))

    def _ask_averages(self) -> None:
        """Average what is no junk, class by class, or as one where nothing was sorted."""
        if self._all is not None and self.isVisible():
            classes = np.ones(len(self._all), np.int64) if self.sorted is None else self.sorted.ranks.classes
            self.pictures.average(np.where(self._junk, 0, classes))

    def _show_averages(self, averages: ClassAverages) -> None:
        numbers = averages.classes.tolist() if self.sorted is not None else [0]
        pictures = [self.pictures.pixmap(image) for image in averages.averages]
        self.averages.show_averages(numbers, averages.counts.tolist(), pictures)

    def _ask_classes(self) -> None:
        found = self._found
        start = str(found.folder) if found is not None else ""
        path, _ = QFileDialog.getOpenFileName(self, "Table of classes", start, "*.csv")
        if path:  # very many rows are read without a halt
            ThreadTask(partial(read_class_table, Path(path)), self._take_read_or_tell, show_exception, self)

    def _take_read_or_tell(self, table: SortedParticles) -> None:
        with reporting_errors():
            self._take_read(table)

    def _ask_save(self) -> None:
        start = "" if self._found is None else str(self._found.folder / "classes.csv")
        path, _ = QFileDialog.getSaveFileName(self, "Table of classes", start, "*.csv")
        if path:
            with reporting_errors():
                self.save_classes(Path(path))

    def _update_enabled(self) -> None:
        chosen = self.view.particles()
        nothing = "there are no particles yet." if self._all is None else None
        none = None if len(chosen) else "no particle is chosen; click one."
        lying = self.sorted is not None and self.sorted.angles is not None
        turned = None if lying else "it is not known how they lie; read a table of classes."
        junk = bool(len(chosen)) and bool(self._junk[chosen].all())
        self.mark.setText("Keep" if junk else "Junk")
        locked = self._model.locked if self._particles.opened_picks is None else None
        set_enabled(self.mark, nothing or locked or none)
        choice = self.choice
        for control in (choice.order, choice.only, choice.with_junk, self.box, self.load, self.classify):
            set_enabled(control, nothing)
        set_enabled(self.chart.only, none)
        set_enabled(self.chart.new_class, none)
        self.chart.show_selection(chosen)
        set_enabled(self.aligned, nothing or turned)
        sorted_ = None if self.sorted is not None else "nothing is sorted yet; classify, or read a table of classes."
        set_enabled(self.save, nothing or sorted_)

    def _lay_out(self) -> None:
        self.box.setRange(2, LARGEST_BOX)
        self.box.setSingleStep(2)
        self.box.setPrefix("box ")
        self.box.setKeyboardTracking(False)
        self.aligned.setChecked(True)
        self.box.setAccessibleName("Box")
        set_tooltip(
            self.box,
            "Edge in voxels of what is shown around each particle; the sections in its middle are averaged.",
        )
        set_tooltip(self.aligned, "Turns and shifts each particle back as the table of classes says that it lies.")
        head = QHBoxLayout(self.tools)
        head.setContentsMargins(0, 0, 0, 0)
        for widget in (self.choice.order, self.choice.only, self.box, self.aligned, self.choice.with_junk):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.mark)
        head.addWidget(self.classify)
        head.addWidget(self.load)
        head.addWidget(self.save)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.averages)
        sides = QSplitter(Qt.Orientation.Horizontal)
        for side, stretch in ((self.view, 2), (self.chart, 1)):
            sides.addWidget(side)
            sides.setStretchFactor(sides.indexOf(side), stretch)
        sides.setChildrenCollapsible(False)
        layout.addWidget(sides, 1)


def same_particles(one: ParticleSet, other: ParticleSet) -> bool:
    """Whether two sets are of the same places in the same order."""
    return np.array_equal(one.positions, other.positions)
