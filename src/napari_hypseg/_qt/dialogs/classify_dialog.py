"""Classify particles: how many classes, how long to learn, and how far it is."""

from collections.abc import Mapping
from types import MappingProxyType

from qtpy.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from napari_hypseg._qt.activity_kinds import CLASSIFY
from napari_hypseg._qt.controllers.classify import ClassifyController
from napari_hypseg._qt.controllers.particles import FoundParticles
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.config_form import Form
from napari_hypseg._qt.widgets.controls import button, set_enabled
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg.pipeline.classify_particles import ALIGNMENT, SPATIAL_VAE, ClassifySettings

WIDTH = 420
ABOUT: Mapping[str, str] = MappingProxyType(
    {"minutes": SPATIAL_VAE, "shift_prior": SPATIAL_VAE, "tilt_range": ALIGNMENT}
)
"""The method that a setting is about."""
HINT = (
    "Sorts the particles in the gallery into classes: what they are, apart from how they are turned and shifted in the "
    "plane of its pictures (spatial-vae) or in space (alignment). Junk, and boxes that reach beyond the volume, are "
    "left out."
)


class ClassifyDialog(QDialog):
    """The settings, and the controls of the job; the window can be used meanwhile.

    Parameters
    ----------
    classifying
        Does it.
    found, edge
        What is to be sorted, and the edge of a box in voxels.
    """

    def __init__(
        self, classifying: ClassifyController, found: FoundParticles, edge: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._classifying, self._found, self._edge = classifying, found, edge
        self.setWindowTitle("Classify particles")
        self.setMinimumWidth(WIDTH)
        self.form, self.hint = Form(ClassifySettings), QLabel(HINT)
        self.hint.setWordWrap(True)
        self.start = button(
            "Classify", "Sorts the particles; the gallery then stands by class, with an average of each.", self._start
        )
        self.job = JobControls(
            classifying.activity, CLASSIFY, pause="Lets the work stand still until Resume goes on.",
            stop="Ends early and makes the classes from what is known by then.",
            cancel="Ends the classifying; the gallery stays as it is.", before=[self.start], close=self.reject,
        )  # fmt: skip
        layout = QVBoxLayout(self)
        for part in (self.hint, self.form, self.job):
            layout.addWidget(part)
        tab_in_reading_order(self)
        classifying.activity.changed.connect(self.refresh)
        self.form.changed.connect(self.refresh)
        classifying.classified.connect(self._end)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        set_enabled(self.start, self._classifying.activity.busy)
        method = self.form.values()["method"]
        for name, about in ABOUT.items():
            set_enabled(self.form.editors[name].widget, None if about == method else f"it is about {about}.")

    def _start(self) -> None:
        with reporting_errors():
            settings = ClassifySettings.check(self.form.values())
            self._classifying.classify(self._found, self._edge, settings.model_dump())

    def _end(self, *_: object) -> None:
        self.accept()
