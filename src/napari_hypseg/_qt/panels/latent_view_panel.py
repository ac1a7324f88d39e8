"""See what was learned: which picture of it, of which specimen, and the way there."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QFormLayout, QSpinBox, QWidget

from napari_hypseg._qt.jobs.job_runner import RunState
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.session import Session
from napari_hypseg._qt.widgets.buttons import button, row
from napari_hypseg._qt.widgets.progress_line import ProgressLine
from napari_hypseg._qt.widgets.tooltips import set_enabled, set_tooltip
from napari_hypseg.jobs import Progress
from napari_hypseg.pipeline.latent_views import LATENT_VIEWS, LatentView, ViewRequest

MOST_COMPONENTS = 64
"""The largest latent dimension there is."""
ACTIVITY = "draw"


class SeeingPanel(QWidget):
    """Choice of a picture, a button that shows it, and progress with a way out."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.picture, self.specimen, self.count = QComboBox(), QComboBox(), QSpinBox()
        for picture in LATENT_VIEWS.values():
            self.picture.addItem(picture.title, picture)
            self.picture.setItemData(self.picture.count() - 1, picture.description, Qt.ItemDataRole.ToolTipRole)
        self.count.setRange(1, MOST_COMPONENTS)
        self.count.setValue(ViewRequest.count)
        set_tooltip(self.specimen, "Which of the specimens is shown.")
        set_tooltip(
            self.count, "How many layers: the first shows the strongest difference; three make one colour picture."
        )
        self.show_button = button(
            "Show", "Adds the picture as a layer over the volume and under the regions; a new one visits every voxel.",
            self._draw,
        )  # fmt: skip
        self.pause = button("Pause", "Lets the drawing stand still until Resume goes on.", self._pause)
        self.cancel = button("Cancel", "Ends the drawing; what was shown before stays.", session.cancel)
        self.progress = ProgressLine()
        self._lay_out()
        self.picture.currentIndexChanged.connect(self.refresh)
        session.runner.reported.connect(self._on_event)
        session.changed.connect(self.refresh)
        session.project_changed.connect(self._list_specimens)
        self._list_specimens()

    def chosen(self) -> LatentView:
        """The picture that is chosen."""
        picture: LatentView = self.picture.currentData()
        return picture

    def wish(self) -> ViewRequest:
        """What of it is wanted: of regions, those that the slider shows."""
        project = self._session.project
        regions = project.cut() if project is not None and self.chosen().regional else None
        return ViewRequest(max(0, self.specimen.currentIndex()), self.count.value(), regions)

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        session, chosen = self._session, self.chosen()
        drawing = session.activity == ACTIVITY
        set_tooltip(self.picture, chosen.description)
        set_enabled(self.show_button, session.busy or session.locked or self._problem())
        set_enabled(self.picture, session.busy)
        set_enabled(
            self.specimen, session.busy or (None if self.specimen.count() > 1 else "there is only one specimen.")
        )
        set_enabled(self.count, session.busy or (None if chosen.counted else "only latent components are counted."))
        nothing = None if drawing and session.runner.busy else "nothing is being drawn."
        ending = "it is being ended." if drawing and session.ending else None
        set_enabled(self.pause, nothing or ending)
        set_enabled(self.cancel, nothing or ending)
        paused = drawing and session.runner.state is RunState.PAUSED
        self.pause.setText("Resume" if paused else "Pause")
        if not drawing:
            self.progress.rest()
        self.progress.setVisible(drawing)

    def _lay_out(self) -> None:
        layout = QFormLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.addRow("LatentView", self.picture)
        layout.addRow("Specimen", self.specimen)
        layout.addRow("Components", self.count)
        layout.addRow(row(self.show_button, self.pause, self.cancel))
        layout.addRow(self.progress)

    def _list_specimens(self) -> None:
        project, before = self._session.project, self.specimen.currentIndex()
        self.specimen.clear()
        self.specimen.addItems([record.name for record in project.records] if project else [])
        self.specimen.setCurrentIndex(before if 0 <= before < self.specimen.count() else 0)
        self.refresh()

    def _problem(self) -> str | None:
        """Why there is nothing to show, None if there is."""
        project = self._session.project
        if project is None or not project.has_checkpoint:
            return "nothing has been learned yet: train first."
        return "there are no regions yet: train first." if self.chosen().regional and not project.hierarchy else None

    def _draw(self) -> None:
        with reporting_errors():
            self._session.seeing.draw(self.chosen(), self.wish())
            self.progress.show_progress(Progress("start", 0))

    def _pause(self) -> None:
        runner = self._session.runner
        runner.resume() if runner.state is RunState.PAUSED else runner.pause()

    def _on_event(self, event: object) -> None:
        if self._session.activity == ACTIVITY and isinstance(event, Progress):
            self.progress.show_progress(event)
