"""Step 3, learn: the button Train with a time budget, the loss curve, and buttons to stop and cancel."""

from collections.abc import Callable
from dataclasses import dataclass

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import LEARN
from napari_hypseg._qt.controllers.speed_probe import SpeedProbe
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.first_regions_panel import EXPLANATION, NAME, learning_controls
from napari_hypseg._qt.panels.settings_form import SettingsForm
from napari_hypseg._qt.panels.time_estimate import Estimate
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.loss_curve import LossCurve
from napari_hypseg.jobs import Progress

PROBE_DELAY_MS = 1500


@dataclass(frozen=True)
class Readiness:
    """Whether what is ticked can be learned from.

    Parameters
    ----------
    voxels
        How many are to be learned from.
    problem
        Why there is nothing to learn from, None if there is.
    difference
        How what is ticked differs from what the project at hand holds, None if it does not.
    locked
        Why nothing can be written where Train would, None if it can.
    """

    voxels: int
    problem: str | None
    difference: str | None
    locked: str | None


class LearnPanel(QWidget):
    """Settings, buttons, progress and the loss curve.

    Parameters
    ----------
    model, activity, speed
        The project at hand, what is under way, and how fast this machine is.
    readiness
        Says whether what is ticked can be learned from.
    theme
        Name of napari's theme.

    Signals
    -------
    train_requested, learn_on_requested, first_requested, segment_requested, half_requested
        The person wants to learn, go on learning, make first regions or learned ones, or work at half resolution.
    preview_requested
        The person wants previews, or none.
    """

    train_requested = Signal()
    learn_on_requested = Signal()
    first_requested = Signal()
    segment_requested = Signal()
    half_requested = Signal()
    preview_requested = Signal(bool)

    def __init__(
        self, model: WindowModel, activity: Activity, speed: SpeedProbe, readiness: Callable[[], Readiness], theme: str
    ) -> None:
        super().__init__()
        self._model, self._activity, self._speed, self._readiness = model, activity, speed, readiness
        self._stage = ""
        self.form = SettingsForm()
        self.preview = QCheckBox("Preview on the slice in view")
        self.preview.setChecked(True)
        set_tooltip(self.preview, "Shows roughly, while it learns, which regions the slice in view would fall into.")
        self.preview.toggled.connect(self._take_preview)
        self._previewed, self._regions_stay = True, False
        self.curve = LossCurve(theme)
        self.note, self.time = QLabel(), QLabel()
        for line in (self.note, self.time):
            line.setWordWrap(True)
        self._make_buttons()
        self._lay_out()
        activity.changed.connect(self.refresh)
        for changed in (activity.changed, model.project_changed):
            changed.connect(self._follow_regions)
        activity.progressed.connect(self._on_progress)
        model.project_changed.connect(self._show_project)
        speed.device_named.connect(self._name_device)
        speed.changed.connect(self._show_time)
        self.form.changed.connect(self.refresh)
        later = QTimer(self)
        later.setSingleShot(True)
        later.timeout.connect(speed.ask_device)
        later.start(PROBE_DELAY_MS)

    def refresh(self) -> None:
        """Enable what is possible now and say why the rest is not."""
        busy, learning, ready = self._activity.busy, self._activity.kind is LEARN, self._readiness()
        project = self._model.project
        model = None if project is not None and project.has_checkpoint else "nothing has been learned yet."
        other = None if model else ready.problem or ready.difference
        missing = self.form.missing
        set_enabled(self.train, busy or ready.problem or ready.locked or missing)
        set_enabled(self.learn_on, busy or self._model.locked or model or other)
        set_enabled(self.segment, busy or self._model.locked or model or other)
        set_enabled(self.first, self.first_refusal())
        self.first.setVisible(model is not None)
        self.segment.setVisible(model is None)
        self._show_note(None if busy else ready.problem or other or missing)
        self._show_time()
        set_enabled(self.form, busy)
        for widget in (self.beginning, self.form):
            widget.setVisible(not learning)
        self.job.setVisible(learning)
        if self._activity.kind is None:
            self._stage = ""

    def first_refusal(self) -> str | None:
        """Why no first regions can be made now, None if they can."""
        ready, there = self._readiness(), self._model.tree is not None
        made = "there are regions already; Train refines them." if there and ready.difference is None else None
        return self._activity.busy or ready.problem or ready.locked or made

    def _take_preview(self, wanted: bool) -> None:
        if self._activity.kind is not LEARN:
            self._previewed = wanted
        self.preview_requested.emit(wanted)

    def _follow_regions(self) -> None:
        """While something is learned, first regions stay in the picture unless previews are asked for."""
        stay = self._activity.kind is LEARN and self._model.from_filters
        if stay != self._regions_stay:
            self._regions_stay = stay
            self.preview.blockSignals(True)
            self.preview.setChecked(self._previewed and not stay)
            self.preview.blockSignals(False)

    def _show_note(self, reason: str | None) -> None:
        """Say in sight why a button is off where the person could not guess it."""
        self.note.setText(f"⚠ {reason[:1].upper()}{reason[1:]}" if reason else "")
        self.note.setVisible(bool(reason))

    def _make_buttons(self) -> None:
        self.train = button(
            "Train",
            "Learns from the ticked volumes what belongs together, then shows the regions.",
            self.train_requested.emit,
            main=True,
        )
        self.learn_on = button(
            "Learn on", "Goes on from what was learned last, for finer differences.", self.learn_on_requested.emit
        )
        self.first = button(NAME, EXPLANATION, self.first_requested.emit)
        self.segment = button(
            "Make regions",
            "Makes regions anew from what was learned last, without learning on.",
            self.segment_requested.emit,
        )
        self.half = button(
            "Work at half resolution",
            "Adds the volume with half as many voxels along each axis and ticks it; its regions lie in the same place.",
            self.half_requested.emit,
        )
        self.job = learning_controls(self._activity)

    def _lay_out(self) -> None:
        """The buttons come first, so that they are in sight however many settings are expanded."""
        self.beginning = row(self.train, self.learn_on, self.first, self.segment)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 6)
        for widget in (
            self.beginning, self.time, self.half, self.note, self.job, self.preview, self.form, self.curve,
        ):  # fmt: skip
            layout.addWidget(widget)

    def _on_progress(self, progress: Progress) -> None:
        if self._activity.kind is not LEARN:
            return
        if progress.stage != self._stage:
            self._stage = progress.stage
            self.curve.prepare()
            self._name_axis()
        if "loss" in progress.metrics:
            self.curve.add(progress.step, progress.metrics["loss"])

    def _name_device(self, device: str) -> None:
        self.form.name_device(device)
        with reporting_errors():
            self._speed.ask_speed(self.form.settings())

    def _show_time(self) -> None:
        """Say how long it takes to learned regions, and offer a way to have them sooner where that is long."""
        voxels, idle = self._readiness().voxels, self._activity.busy is None
        speed = self._speed.speed(self.form.method.currentData())
        estimate = Estimate(self.form.learning_seconds, self._speed.startup, speed, voxels)
        self.time.setText(estimate.sentence())
        self.time.setVisible(voxels > 0 and idle)
        self.half.setText(estimate.offer())
        self.half.setVisible(estimate.is_long and idle)

    def _name_axis(self) -> None:
        project = self._model.project
        steps = project is not None and project.settings.training.steps is not None
        self.curve.set_axis("step" if steps else "time (s)")

    def _show_project(self) -> None:
        """Show settings and curve of the project at hand."""
        project = self._model.project
        if project is None:
            return
        self.form.show_settings(project.settings)
        self._name_axis()
        points = [point for point in project.training.get("history", ()) if "loss" in point]
        self.curve.show_points([(point["position"], point["loss"]) for point in points])
