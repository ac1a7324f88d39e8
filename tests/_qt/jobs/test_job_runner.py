import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QApplication

from napari_hypseg._qt.jobs.job_runner import FinishReason, JobRunner, RunState
from napari_hypseg._qt.jobs.serialization import decode, encode
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg.jobs import Notice, Progress

PATIENCE = 20_000


@pytest.fixture
def runner(qtbot, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    runner = JobRunner()
    yield runner
    runner.shut_down()


def finish(qtbot, runner, job, **arguments):
    events = []
    runner.reported.connect(events.append)
    with qtbot.waitSignal(runner.finished, timeout=PATIENCE) as blocker:
        runner.start(f"fake_jobs:{job}", **arguments)
    assert runner.state is RunState.IDLE
    return blocker.args[0], events


def begin_watching(qtbot, runner, path):
    with qtbot.waitSignal(runner.reported, timeout=PATIENCE):
        runner.start("fake_jobs:watch", path=path)


@dataclass(frozen=True)
class LatentView:
    view: tuple
    labels: np.ndarray


def test_records_and_arrays_survive_the_wire(monkeypatch):
    monkeypatch.setattr("napari_hypseg.jobs.LatentView", LatentView, raising=False)
    monkeypatch.setattr(LatentView, "__module__", "napari_hypseg.jobs")
    labels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    there = decode(encode({"event": LatentView((1, 2, 3), labels), "path": Path("a") / "b"}))
    assert there["event"].view == (1, 2, 3)
    assert there["path"] == str(Path("a") / "b")
    np.testing.assert_array_equal(there["event"].labels, labels)
    assert there["event"].labels.dtype == np.uint8


def test_a_message_cannot_name_anything_but_a_record():
    with pytest.raises(TypeError, match="not a record"):
        decode('{"record": "os:system", "fields": {}}')


def test_result_and_last_event_arrive(qtbot, runner):
    outcome, events = finish(qtbot, runner, "count", total=5000)
    assert outcome.reason is FinishReason.DONE
    assert outcome.result == "counted"
    assert events[-1] == Progress("learn", 4999, 5000, {"loss": 1 / 5000}, 1.0)
    assert len(events) < 500, "events are thinned out on their way"


def test_the_job_runs_below_the_window_and_may_print(qtbot, runner):
    outcome, events = finish(qtbot, runner, "speak")
    assert events == [Notice("The header says 0.")]
    assert outcome.result >= 10


def test_an_error_for_people_arrives_as_its_sentence(qtbot, runner):
    outcome, _ = finish(qtbot, runner, "refuse")
    assert outcome.reason is FinishReason.FAILED
    assert outcome.message == "The mask m.mrc is empty; choose another."


def test_a_defect_becomes_one_sentence_and_a_log_entry(qtbot, runner, caplog):
    outcome, _ = finish(qtbot, runner, "break_down")
    assert outcome.reason is FinishReason.FAILED
    assert "a defect" in outcome.message
    assert "Traceback" not in outcome.message
    assert "Traceback" in caplog.text


def test_a_killed_process_is_reported(qtbot, runner, caplog):
    caplog.set_level(logging.ERROR)
    outcome, _ = finish(qtbot, runner, "vanish")
    assert outcome.reason is FinishReason.FAILED
    assert "memory" in outcome.message


def test_pause_stands_still_and_resume_goes_on(qtbot, runner, tmp_path):
    path = tmp_path / "steps"
    begin_watching(qtbot, runner, path)
    runner.pause()
    assert runner.state is RunState.PAUSED
    qtbot.wait(150)
    before = path.read_text()
    qtbot.wait(150)
    assert path.read_text() == before
    runner.resume()
    qtbot.waitUntil(lambda: path.read_text() not in ("", before), timeout=PATIENCE)
    assert runner.state is RunState.RUNNING


def test_the_view_reaches_the_job(qtbot, runner, tmp_path):
    path = tmp_path / "steps"
    begin_watching(qtbot, runner, path)
    runner.show_view((0, 1, 17))
    qtbot.waitUntil(lambda: path.read_text().endswith("(0, 1, 17)"), timeout=PATIENCE)


@pytest.mark.parametrize("pause_first", [False, True])
def test_stop_keeps_the_result(qtbot, runner, tmp_path, pause_first):
    begin_watching(qtbot, runner, tmp_path / "steps")
    if pause_first:
        runner.pause()
    with qtbot.waitSignal(runner.finished, timeout=PATIENCE) as blocker:
        runner.stop()
        assert runner.state is RunState.STOPPING
    assert blocker.args[0].reason is FinishReason.DONE
    assert blocker.args[0].result > 0


@pytest.mark.parametrize("pause_first", [False, True])
def test_cancel_closes_the_job(qtbot, runner, tmp_path, pause_first):
    path = tmp_path / "steps"
    begin_watching(qtbot, runner, path)
    if pause_first:
        runner.pause()
    with qtbot.waitSignal(runner.finished, timeout=PATIENCE) as blocker:
        runner.cancel()
    assert blocker.args[0].reason is FinishReason.CANCELLED
    assert path.read_text().endswith("closed")


def test_shutting_down_closes_the_job_and_waits(qtbot, runner, tmp_path):
    path = tmp_path / "steps"
    begin_watching(qtbot, runner, path)
    runner.shut_down()
    assert path.read_text().endswith("closed")
    assert not runner.busy


def test_a_window_that_is_killed_takes_its_job_with_it(qtbot, runner, tmp_path):
    path = tmp_path / "steps"
    words = f"import sys; sys.path[:] = {sys.path!r}; import fake_jobs; fake_jobs.await_the_end({str(path)!r})"
    with subprocess.Popen([sys.executable, "-c", words]) as window:
        qtbot.waitUntil(path.exists, timeout=PATIENCE)
        window.kill()
    qtbot.waitUntil(lambda: path.read_text().endswith("closed"), timeout=PATIENCE)


def test_one_job_at_a_time(qtbot, runner, tmp_path):
    begin_watching(qtbot, runner, tmp_path / "steps")
    with pytest.raises(RuntimeError, match="already running"):
        runner.start("fake_jobs:speak")


@pytest.mark.parametrize("error", [None, ValueError("no room")])
def test_an_errand_hands_over_what_it_fetched_or_what_went_wrong(qtbot, error):
    def work():
        if error:
            raise error
        return threading.get_ident()

    owner, done, failed = QObject(), [], []
    ThreadTask(work, done.append, failed.append, owner)
    qtbot.waitUntil(lambda: bool(done or failed), timeout=PATIENCE)
    assert failed == ([error] if error else [])
    assert not done or done[0] != threading.get_ident()


def test_an_errand_whose_owner_has_gone_tells_nobody(qtbot):
    told, go, gone = [], threading.Event(), QObject()
    ThreadTask(go.wait, told.append, told.append, gone)
    gone.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    go.set()
    stays = QObject()
    ThreadTask(lambda: "after", told.append, told.append, stays)
    qtbot.waitUntil(lambda: "after" in told, timeout=PATIENCE)
    qtbot.wait(50)
    assert told == ["after"]
