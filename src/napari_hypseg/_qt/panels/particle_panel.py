"""Particles: what to look for on the left, the count and the table on the right; points in the picture follow."""

from functools import partial
from pathlib import Path
from types import MappingProxyType

from napari.utils.notifications import show_info
from qtpy.QtCore import QItemSelection, QSize, Qt, Signal
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from napari_hypseg._napari.measured_layers import centroids
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.controllers.measure import MeasureController
from napari_hypseg._qt.controllers.particles import FoundParticles, ParticleController
from napari_hypseg._qt.controllers.picks import OpenedPicks
from napari_hypseg._qt.layers.measured_view import MeasuredView
from napari_hypseg._qt.layers.particle_view import ParticleView
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.panels.gallery_panel import GalleryPanel
from napari_hypseg._qt.panels.particle_form import ParticleForm
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.measurement_model import MeasurementModel
from napari_hypseg._qt.widgets.measurement_view import MeasurementView
from napari_hypseg._qt.widgets.segmented_choice import SegmentedChoice
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg.particles.count_summary import particle_count_words, particle_summary_words
from napari_hypseg.particles.counting import particle_table
from napari_hypseg.structures.measurement_table import MeasurementTable

FORM_WIDTH = 300
TABLE, GALLERY = "table", "gallery"
PAGES = MappingProxyType(
    {
        TABLE: "A row for each particle, or for each parent.",
        GALLERY: "A picture of each particle, and averages: look through them, mark junk, sort them by class.",
    }
)
SIZE, LOWEST = QSize(900, 330), 230
"""Of the panel below the picture, and pixels that it needs."""
NOTHING = "No particles yet"
HINT = "Choose a structure, or open picks of another program; the particles appear in the picture."
LOOKING = "looking for them …"


class ParticlePanel(QWidget):
    """The count first, then one row for each particle, or for each parent.

    Signals
    -------
    export_requested
        The person wants what was found as a file.
    picks_requested
        The person wants to open particles that were picked elsewhere.
    """

    export_requested = Signal()
    picks_requested = Signal()

    def __init__(
        self,
        model: WindowModel,
        activity: Activity,
        particles: ParticleController,
        view: ParticleView,
        tables: MeasureController,
        places: MeasuredView,
        gallery: GalleryPanel,
    ) -> None:
        super().__init__()
        self._model, self._activity, self._particles = model, activity, particles
        self._view, self._tables, self._places = view, tables, places
        self._shown: FoundParticles | None = None
        self.form = ParticleForm(model, particles.picks)
        self.live = QCheckBox("Follow the settings")
        self.live.setChecked(True)
        self.count, self.details = QLabel(NOTHING), QLabel(HINT)
        self.per_parent = QCheckBox("A row for each parent")
        self.rows = MeasurementModel()
        self.table = MeasurementView(self.rows)
        self.gallery, self.pages = gallery, QStackedWidget()
        self.page = SegmentedChoice(PAGES)
        self._table_tools = QWidget()
        self.export = button(
            "Export…", "Writes the particles for RELION, Dynamo, copick or as a table.", self.export_requested.emit
        )
        self.csv = button("CSV…", "Writes the rows shown, in their order, for a spreadsheet.", self._ask_csv)
        self.open_picks = button(
            "Open picks…",
            "Reads particles that another program has picked: STAR, Dynamo table, copick or CSV.",
            self.picks_requested.emit,
        )
        set_tooltip(self.live, "Finds the particles again whenever a setting or the structure changes.")
        set_tooltip(self.per_parent, "Shows how many particles each piece of the other structure has.")
        self._lay_out()
        self.form.changed.connect(self._want)
        self.live.toggled.connect(self._want)
        self.per_parent.toggled.connect(self._show_table)
        self.page.chosen.connect(self.show_page)
        self.table.selectionModel().selectionChanged.connect(self._follow_row)
        particles.changed.connect(self.refresh)
        particles.picks.changed.connect(self._want)
        particles.picks.opened.connect(self._show_picks)
        self.show_page(TABLE)
        activity.changed.connect(self._describe)
        self.refresh()

    def sizeHint(self) -> QSize:
        """Room for some rows of pictures and their chart; the picture keeps most of the window."""
        return SIZE

    @property
    def found(self) -> FoundParticles | None:
        """What was found last."""
        return self._particles.found

    def choose_active(self) -> None:
        """Choose the active structure, if there is one, and look for its particles; a file that is chosen stays."""
        if self._model.active is not None and self.form.opened is None:
            self.form.choose(self._model.active.id)
        self._want()

    def show_page(self, page: str) -> None:
        """Show the table or the gallery."""
        self.page.show_choice(page)
        self.pages.setCurrentWidget(self.gallery if page == GALLERY else self.table)
        self._table_tools.setVisible(page == TABLE)
        self.gallery.tools.setVisible(page == GALLERY)
        self.gallery.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Look for particles while somebody is looking."""
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look for none any more; the layers stay."""
        super().hideEvent(event)
        self._particles.stop()

    def refresh(self) -> None:
        """Show what was found."""
        found = self._particles.found
        if found is not self._shown:
            self._shown = found
            if found is not None:
                picks = self._particles.opened_picks
                folder = None if picks is not None and picks.host is not None else found.project.path
                self._view.show(folder, found.choice.specimen, found.counted.particles)
            self.gallery.show_found(found)
            self.per_parent.setChecked(found is not None and found.counted.parents is not None)
            self._show_table()
        self._describe()

    def _show_picks(self, opened: OpenedPicks) -> None:
        """Show the particles of a file that was just opened."""
        self.live.setChecked(True)
        self.form.choose_picks(opened)
        self.show_page(GALLERY)

    def _want(self, *_: object) -> None:
        choice = self.form.choice()
        if self.live.isChecked() and choice is not None and self.isVisible():
            self._particles.want(choice)

    def _show_table(self, *_: object) -> None:
        table = self._table()
        if table is not None:
            self.table.show_table(table)

    def _table(self) -> MeasurementTable | None:
        found = self._particles.found
        if found is None:
            return None
        parents = found.counted.parents
        return (
            parents if self.per_parent.isChecked() and parents is not None else particle_table(found.counted.particles)
        )

    def _describe(self, *_: object) -> None:
        """Say the count, or why there is none."""
        found, wanted = self._particles.found, self._particles.wanted
        problem = self._particles.problem
        waiting = wanted is not None and not problem and not self._particles.ready
        if found is None:
            self.count.setText(NOTHING)
            self.details.setText(problem or (LOOKING if waiting else HINT))
        else:
            counted = found.counted
            self.count.setText(particle_count_words(counted.count, counted.particles.name))
            unit = counted.particles.grid.unit
            words = list(particle_summary_words(counted.count, unit, counted.parents, found.choice.parent))
            notes = counted.notes if found.choice.picks else ()
            if counted.junk is not None and not notes:
                words.append(f"{int(counted.junk.sum())} left out as junk")
            if counted.hollow:
                words.append(counted.hollow)
            if waiting:
                words.append(LOOKING)
            told = " ".join((", ".join(words) + ("." if notes else ""), *notes))
            self.details.setText(f"<b>{problem}</b> Shown is what was found before." if problem else told)
        nothing = "there are no particles yet." if found is None else None
        parents = None if found is not None and found.counted.parents is not None else "choose what to count on first."
        set_enabled(self.export, nothing or self._activity.busy or ("they are being found again." if waiting else None))
        set_enabled(self.csv, nothing)
        set_enabled(self.per_parent, nothing or parents)

    def _follow_row(self, chosen: QItemSelection, before: QItemSelection) -> None:
        """Fly to what the chosen row stands for."""
        table, number = self._table(), self.table.chosen()
        if table is not None and number is not None:
            z, y, x = centroids(table)[number].tolist()
            self._places.fly_to((z, y, x))

    def _ask_csv(self) -> None:
        found = self._particles.found
        if found is None:
            return
        name = self.count.text().replace(" ", "-").replace("/", "-") + ".csv"
        path, _ = QFileDialog.getSaveFileName(self, "CSV", str(found.folder / name), "*.csv")
        if path:
            self.write_csv(Path(path))

    def write_csv(self, path: Path) -> None:
        """Write the rows that are shown."""
        path = path if path.suffix.lower() == ".csv" else path.with_name(f"{path.name}.csv")
        told = partial(show_info, f"{path} holds the table.")
        self._tables.write_csv(path, self.rows.shown(), lambda _: told())

    def _lay_out(self) -> None:
        self.count.setStyleSheet("font-size: 18pt; font-weight: bold")
        self.count.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details.setWordWrap(True)
        self.details.setMinimumWidth(1)
        self.setMinimumHeight(LOWEST)
        left = QWidget()
        left.setFixedWidth(FORM_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.form, 1)
        column.addWidget(self.live)
        column.addWidget(row(self.open_picks, self.export))
        right = QVBoxLayout()
        right.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.count)
        head.addWidget(self.details, 1)
        right.addLayout(head)
        tools = QHBoxLayout(self._table_tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.addWidget(self.per_parent, 1)
        tools.addWidget(self.csv)
        below = QHBoxLayout()
        for widget, stretch in ((self.page, 0), (self._table_tools, 1), (self.gallery.tools, 1)):
            below.addWidget(widget, stretch)
        right.addLayout(below)
        for page in (self.table, self.gallery):
            self.pages.addWidget(page)
        right.addWidget(self.pages, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 6, 6, 4)
        layout.addWidget(left)
        layout.addLayout(right, 1)
        tab_in_reading_order(self)
