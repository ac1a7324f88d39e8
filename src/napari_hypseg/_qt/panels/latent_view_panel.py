"""The latent views: which one, of which specimen, and progress."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QFormLayout, QSpinBox, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import DRAW
from napari_hypseg._qt.controllers.latent_views import LatentViewController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import button, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg.pipeline.latent_views import LATENT_VIEWS, LatentView, ViewRequest

MOST_COMPONENTS = 64
"""The largest latent dimension there is."""


class LatentViewPanel(QWidget):
    """Choice of a latent view, a button that shows it, and progress with a button to cancel."""

    def __init__(self, model: WindowModel, activity: Activity, latent_views: LatentViewController) -> None:
        super().__init__()
        self._model, self._activity, self._latent_views = model, activity, latent_views
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
        self.job = JobControls(
            activity, DRAW, pause="Lets the drawing stand still until Resume goes on.",
            cancel="Ends the drawing; what was shown before stays.", before=[self.show_button],
        )  # fmt: skip
        self._lay_out()
        self.picture.currentIndexChanged.connect(self.refresh)
        activity.changed.connect(self.refresh)
        model.project_changed.connect(self._list_specimens)
        self._list_specimens()

    def chosen(self) -> LatentView:
        """The view that is chosen."""
        picture: LatentView = self.picture.currentData()
        return picture

    def wish(self) -> ViewRequest:
        """What of it is wanted: of regions, those that the slider shows."""
        regions = self._model.cut if self.chosen().regional else None
        return ViewRequest(max(0, self.specimen.currentIndex()), self.count.value(), regions)

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        busy, chosen = self._activity.busy, self.chosen()
        one = None if self.specimen.count() > 1 else "there is only one specimen."
        set_tooltip(self.picture, chosen.description)
        set_enabled(self.show_button, busy or self._model.locked or self._problem())
        set_enabled(self.picture, busy)
        set_enabled(self.specimen, busy or one)
        set_enabled(self.count, busy or (None if chosen.counted else "only latent components are counted."))

    def _lay_out(self) -> None:
        layout = QFormLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.addRow("Picture", self.picture)
        layout.addRow("Specimen", self.specimen)
        layout.addRow("Components", self.count)
        layout.addRow(self.job)

    def _list_specimens(self) -> None:
        project, before = self._model.project, self.specimen.currentIndex()
        self.specimen.clear()
        self.specimen.addItems([record.name for record in project.records] if project else [])
        self.specimen.setCurrentIndex(before if 0 <= before < self.specimen.count() else 0)
        self.refresh()

    def _problem(self) -> str | None:
        """Why there is nothing to show, None if there is."""
        project = self._model.project
        if project is None or not project.has_checkpoint:
            return "nothing has been learned yet: train first."
        return "there are no regions yet: train first." if self.chosen().regional and not project.hierarchy else None

    def _draw(self) -> None:
        with reporting_errors():
            self._latent_views.draw(self.chosen(), self.wish())
