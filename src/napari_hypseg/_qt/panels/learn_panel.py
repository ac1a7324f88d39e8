"""Step 3, learn: one button with a time budget, a curve that falls, and a way out at any moment."""

from collections.abc import Callable

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from napari_hypseg._qt.jobs.job_runner import RunState
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.settings_form import SettingsForm
from napari_hypseg._qt.panels.time_estimate import Estimate
from napari_hypseg._qt.session import Session
from napari_hypseg._qt.widgets.buttons import button, row
from napari_hypseg._qt.widgets.loss_curve import LossCurve
from napari_hypseg._qt.widgets.progress_line import ProgressLine
from napari_hypseg._qt.widgets.tooltips import set_enabled, set_tooltip
from napari_hypseg.jobs import Progress

EARLY = frozenset({"", "start", "prepare", "learn"})
"""Stages in which stopping early still keeps something."""
SILENT_STAGES = frozenset({"preview"})
PROBE_DELAY_MS = 1500


class LearnPanel(QWidget):
    """Settings, buttons, progress and the loss curve.

    Parameters
    ----------
    session
        Runs the job.
    train, learn_on, segment
        Called when the buttons are pressed.
    problem
        Why there is nothing to train on, None if there is.
    difference
        How what is ticked differs from what the project at hand holds, None if it does not.
    voxels
        How many are to be learned from.
    locked
        Why nothing can be written where Train would, None if it can.

    Signals
    -------
    half_requested
        The person wants to work at half resolution.
    """

    half_requested = Signal()

    def __init__(
        self,
        session: Session,
        train: Callable[[], None],
        learn_on: Callable[[], None],
        segment: Callable[[], None],
        problem: Callable[[], str | None],
        difference: Callable[[], str | None],
        voxels: Callable[[], int],
        locked: Callable[[], str | None],
    ) -> None:
        super().__init__()
        self._session, self._problem, self._difference, self._voxels = session, problem, difference, voxels
        self._locked = locked
        self._stage = ""
        self.form = SettingsForm()
        self.progress = ProgressLine()
        self.preview = QCheckBox("Preview on the slice in view")
        self.preview.setChecked(True)
        set_tooltip(self.preview, "Shows roughly, while it learns, which regions the slice in view would fall into.")
        self.preview.toggled.connect(session.set_preview)
        self.curve = LossCurve(session.viewer.theme)
        session.theme_changed.connect(self.curve.set_theme)
        self.note, self.time = QLabel(), QLabel()
        for line in (self.note, self.time):
            line.setWordWrap(True)
        self._make_buttons(train, learn_on, segment)
        self._lay_out()
        session.runner.reported.connect(self._on_event)
        session.changed.connect(self.refresh)
        session.project_changed.connect(self._show_project)
        session.pace.device_named.connect(self._name_device)
        session.pace.changed.connect(self._show_time)
        self.form.changed.connect(self._show_time)
        later = QTimer(self)
        later.setSingleShot(True)
        later.timeout.connect(session.pace.ask_device)
        later.start(PROBE_DELAY_MS)
        self.refresh()

    def refresh(self) -> None:
        """Enable what is possible now and say why the rest is not."""
        session, state = self._session, self._session.runner.state
        learning = session.activity == "learn"
        nothing = None if learning and state in (RunState.RUNNING, RunState.PAUSED) else "nothing is being learned."
        late = None if self._stage in EARLY else "learning is over and its regions are on their way."
        model = None if session.project and session.project.has_checkpoint else "nothing has been learned yet."
        problem = self._problem()
        other = None if model else problem or self._difference()
        set_enabled(self.train, session.busy or problem or self._locked())
        set_enabled(self.learn_on, session.busy or session.locked or model or other)
        set_enabled(self.segment, session.busy or session.locked or model or other)
        self._show_note(None if session.busy else problem or other)
        self._show_time()
        set_enabled(self.pause, nothing)
        set_enabled(self.stop, nothing or late)
        ending = "it is being ended." if session.ending else None
        set_enabled(self.cancel, ending if learning else "nothing is being learned.")
        self.pause.setText("Resume" if state is RunState.PAUSED else "Pause")
        set_enabled(self.form, session.busy)
        for widget in (self.beginning, self.form):
            widget.setVisible(not learning)
        self.under_way.setVisible(learning)
        if not session.activity:
            self._stage = ""
            self.progress.rest()
        elif learning and state is RunState.IDLE:
            self.progress.show_progress(Progress("keep", 0))

    def _show_note(self, reason: str | None) -> None:
        """Say in sight why a button is off where the person could not guess it."""
        self.note.setText(f"⚠ {reason[:1].upper()}{reason[1:]}" if reason else "")
        self.note.setVisible(bool(reason))

    def _make_buttons(
        self, train: Callable[[], None], learn_on: Callable[[], None], segment: Callable[[], None]
    ) -> None:
        session = self._session
        self.train = button(
            "Train", "Learns from the ticked volumes what belongs together, then shows the regions.", train, main=True
        )
        self.learn_on = button("Learn on", "Goes on from what was learned last, for finer differences.", learn_on)
        self.segment = button(
            "Make regions", "Makes regions anew from what was learned last, without learning on.", segment
        )
        self.half = button(
            "Work at half resolution",
            "Adds the volume with half as many voxels along each axis and ticks it; its regions lie in the same place.",
            self.half_requested.emit,
        )
        self.pause = button(
            "Pause", "Lets learning stand still; the preview keeps what it shows until Resume goes on.", self._pause
        )
        self.stop = button(
            "Stop and keep", "Ends learning now and shows the regions found so far.", session.runner.stop
        )
        self.cancel = button(
            "Cancel",
            "Ends the work now and leaves the picture as it is; what was learned last is kept.",
            session.cancel,
        )

    def _lay_out(self) -> None:
        """The buttons come first, so that they are in sight however many settings are expanded."""
        self.beginning, self.under_way = row(self.train, self.learn_on, self.segment), QWidget()
        work = QVBoxLayout(self.under_way)
        work.setContentsMargins(0, 0, 0, 0)
        work.addWidget(row(self.pause, self.stop, self.cancel))
        work.addWidget(self.progress)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 6)
        for widget in (
            self.beginning, self.time, self.half, self.note, self.under_way, self.preview, self.form, self.curve,
        ):  # fmt: skip
            layout.addWidget(widget)

    def _pause(self) -> None:
        runner = self._session.runner
        runner.resume() if runner.state is RunState.PAUSED else runner.pause()

    def _on_event(self, event: object) -> None:
        if self._session.activity != "learn" or not isinstance(event, Progress) or event.stage in SILENT_STAGES:
            return
        if event.stage != self._stage:
            self._stage = event.stage
            self.curve.prepare()
            self._name_axis()
            self.refresh()
        self.progress.show_progress(event, "; then the regions are made" if event.stage == "learn" else "")
        if "loss" in event.metrics:
            self.curve.add(event.step, event.metrics["loss"])

    def _name_device(self, device: str) -> None:
        self.form.name_device(device)
        with reporting_errors():
            self._session.pace.ask_speed(self.form.settings())

    def _show_time(self) -> None:
        """Say how long it takes to the first labels, and offer a way to have them sooner where that is long."""
        pace, voxels = self._session.pace, self._voxels()
        method = self.form.method.currentData()
        estimate = Estimate(self.form.learning_seconds, pace.startup, pace.speed(method), voxels)
        self.time.setText(estimate.sentence())
        self.time.setVisible(voxels > 0 and self._session.busy is None)
        self.half.setText(estimate.offer())
        self.half.setVisible(estimate.is_long and self._session.busy is None)

    def _name_axis(self) -> None:
        project = self._session.project
        steps = project is not None and project.settings.training.steps is not None
        self.curve.set_axis("step" if steps else "time (s)")

    def _show_project(self) -> None:
        """Show settings and curve of the project at hand."""
        project = self._session.project
        if project is None:
            return
        self.form.show_settings(project.settings)
        self._name_axis()
        points = [point for point in project.training.get("history", ()) if "loss" in point]
        self.curve.show_points([(point["position"], point["loss"]) for point in points])
