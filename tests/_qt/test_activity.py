"""One activity with its job, against a runner that runs nothing."""

import pytest
from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import DRAW, EXPORT, LEARN
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome, RunState
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Notice, Progress


class IdleRunner(QObject):
    """Notes what it is asked for and ends when the test says so."""

    reported, finished, state_changed = Signal(object), Signal(object), Signal(object)

    def __init__(self):
        super().__init__()
        self.state, self.started = RunState.IDLE, []

    def start(self, job, **arguments):
        self.started.append((job, arguments))
        self._enter(RunState.RUNNING)

    def pause(self):
        self._enter(RunState.PAUSED)

    def resume(self):
        self._enter(RunState.RUNNING)

    def stop(self):
        self._enter(RunState.STOPPING)

    def cancel(self):
        if self.started:
            self._enter(RunState.CANCELLING)

    def end(self, reason, result=None, message=""):
        self._enter(RunState.IDLE)
        self.finished.emit(Outcome(reason, result, message))

    def _enter(self, state):
        self.state = state
        self.state_changed.emit(state)


@pytest.fixture
def runner(qtbot):
    return IdleRunner()


@pytest.fixture
def activity(runner):
    return Activity(runner, "jobs")


def test_from_begin_to_end(activity, runner):
    seen = []
    activity.begin(LEARN)
    assert activity.busy == "learning is under way."
    activity.run("run", lambda outcome: seen.append(outcome.result), fresh=True)
    assert runner.started == [("jobs:run", {"fresh": True})]
    runner.end(FinishReason.DONE, 5)
    assert seen == [5]
    assert activity.busy is activity.progress is None


def test_what_is_shown_at_the_end_comes_before_the_next_may_begin(qtbot, activity, runner):
    seen = []

    def show(outcome):
        yield None
        seen.append(activity.kind)

    activity.begin(DRAW)
    activity.run("draw", show)
    runner.end(FinishReason.DONE)
    qtbot.waitUntil(lambda: activity.kind is None)
    assert seen == [DRAW]


def test_what_is_cancelled_before_its_job_is_not_run(activity, runner):
    reasons = []
    activity.begin(LEARN)
    activity.cancel()
    activity.run("run", lambda outcome: reasons.append(outcome.reason))
    assert runner.started == []
    assert reasons == [FinishReason.CANCELLED]
    assert activity.kind is None


def test_failures_are_one_sentence_and_free_the_window(activity, runner, told):
    activity.begin(EXPORT)
    activity.run("export", lambda outcome: None)
    runner.end(FinishReason.FAILED, message="The disk is full.")
    activity.begin(LEARN)
    activity.fail(InputError("The mask is empty."))
    assert [str(message) for message in told()] == ["The disk is full.", "The mask is empty."]
    assert activity.kind is None


def test_stages_and_other_events_are_passed_on(activity, runner, told):
    stages, others, changes = [], [], []
    activity.progressed.connect(lambda progress: stages.append(progress.stage))
    activity.reported.connect(others.append)
    activity.begin(LEARN)
    activity.run("run", lambda outcome: None)
    activity.changed.connect(lambda: changes.append(activity.progress.stage))
    for event in (Progress("learn", 1), Progress("preview", 0), Progress("learn", 2), Notice("so"), "a preview"):
        runner.reported.emit(event)
    assert stages == ["learn", "learn"], "what previews cost is not shown"
    assert changes == ["learn"], "once for each stage"
    assert others == ["a preview"]
    assert [str(message) for message in told()] == ["so"]


def test_controls_say_why_they_are_off(activity, runner):
    assert activity.cancel_reason(LEARN) == activity.stop_reason(LEARN) == "nothing is being learned."
    activity.begin(LEARN)
    assert "has not begun" in activity.pause_reason(LEARN)
    assert activity.cancel_reason(LEARN) is None
    activity.run("run", lambda outcome: None)
    assert activity.stop_reason(LEARN) is activity.pause_reason(LEARN) is None
    runner.reported.emit(Progress("encode", 0))
    assert "on their way" in activity.stop_reason(LEARN)
    assert activity.pause_reason(LEARN) is None
    activity.cancel()
    assert activity.cancel_reason(LEARN) == "it is being ended."
    assert activity.pause_reason(DRAW) == "nothing is being drawn."


@pytest.fixture
def controls(qtbot, activity):
    controls = JobControls(activity, LEARN, pause="Pauses.", stop="Stops.", cancel="Cancels.")
    qtbot.addWidget(controls)
    return controls


def test_job_controls_follow_the_activity(activity, runner, controls):
    assert not controls.pause.isEnabled()
    assert "Not now: nothing is being learned." in controls.pause.toolTip()
    assert not controls.progress.isVisibleTo(controls)
    activity.begin(LEARN)
    assert controls.progress.status.text() == "Setting up"
    activity.run("run", lambda outcome: None)
    runner.reported.emit(Progress("learn", 1, 2, seconds_left=42.0))
    assert controls.progress.status.text() == "Learning, 42 s left; then the regions are made"
    controls.pause.click()
    assert controls.pause.text() == "Resume"
    controls.pause.click()
    controls.stop.click()
    assert runner.state is RunState.STOPPING
    assert not controls.stop.isEnabled()
    controls.cancel.click()
    assert not controls.cancel.isEnabled()
    runner.end(FinishReason.CANCELLED)
    assert controls.progress.status.text() == ""


def test_controls_of_other_work_stay_out_of_it(activity, controls):
    activity.begin(DRAW)
    assert not controls.cancel.isEnabled()
    assert controls.progress.status.text() == ""


def test_in_a_dialog_the_last_button_closes_when_there_is_nothing_to_cancel(qtbot, activity):
    closed = []
    controls = JobControls(activity, EXPORT, cancel="Ends the writing.", close=lambda: closed.append(True))
    qtbot.addWidget(controls)
    assert controls.cancel.text() == "Close"
    controls.cancel.click()
    assert closed == [True]
    activity.begin(EXPORT)
    assert controls.cancel.text() == "Cancel"
    controls.cancel.click()
    assert activity.ending
    assert closed == [True]
