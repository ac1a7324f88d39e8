import gc
import threading
import time

import pytest
from qtpy.QtCore import QObject, QTimer

from napari_hypseg._qt.jobs.tasks import StepTask, ThreadTask


@pytest.fixture
def owner(qtbot):
    return QObject()


@pytest.fixture
def failures():
    return []


def test_the_window_lives_between_turns(qtbot, owner, failures):
    seen = []

    def steps():
        seen.append("first")
        QTimer.singleShot(0, lambda: seen.append("window"))
        yield None
        yield None
        seen.append("second")

    StepTask(steps(), failures.append, owner)
    assert seen == ["first"], "the first piece is done at once"
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert seen == ["first", "window", "second"]
    assert failures == []


def test_a_function_is_called_on_a_thread_and_its_result_comes_back(qtbot, owner, failures):
    threads = []

    def steps():
        threads.append((yield threading.current_thread))
        threads.append(threading.current_thread())

    StepTask(steps(), failures.append, owner)
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] is not threads[1] is threading.main_thread()


def test_what_a_function_raises_can_be_caught_or_is_told(qtbot, owner, failures):
    seen = []

    def fail():
        raise ValueError("no")

    def steps():
        try:
            yield fail
        except ValueError:
            seen.append("caught")
        yield fail

    StepTask(steps(), failures.append, owner)
    qtbot.waitUntil(lambda: len(failures) == 1)
    assert seen == ["caught"]
    assert str(failures[0]) == "no"


def test_turns_end_with_their_owner(qtbot, owner, failures):
    seen = []

    def steps():
        yield None
        seen.append("too late")

    StepTask(steps(), failures.append, owner)
    owner.deleteLater()
    qtbot.wait(30)
    assert seen == failures == []


def test_an_errand_is_delivered_although_nobody_holds_it(qtbot, owner, failures):
    done = []
    ThreadTask(lambda: 42, done.append, failures.append, owner)
    while threading.active_count() > 1 and any("_run" in thread.name for thread in threading.enumerate()):
        time.sleep(0.001)
    gc.collect()
    qtbot.waitUntil(lambda: done == [42], timeout=2000)


def test_no_garbage_is_searched_for_on_the_thread_of_an_errand(qtbot, owner, failures):
    """What it finds may be Qt's, and must not be taken apart there."""
    done = []
    for _ in range(2):
        ThreadTask(gc.isenabled, done.append, failures.append, owner)
    qtbot.waitUntil(lambda: len(done) == 2)
    assert done == [False, False]
    assert gc.isenabled()
