"""Work on many pieces: results in order, errors passed on, nothing left running."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from napari_hypseg.jobs import Notice, Progress, drive, quietly
from napari_hypseg.jobs import ordered_map as module
from napari_hypseg.jobs.ordered_map import ordered_map


def progress(done):
    return Progress("encode", done, 20)


def nothing(result):
    return None


@pytest.fixture
def executor():
    with ThreadPoolExecutor(3) as made:
        yield made


def test_results_come_in_order_whichever_is_first(executor):
    def late(item):
        time.sleep(0.002 * (item % 3 == 0))
        return item * item

    taken, events = [], []
    drive(ordered_map(executor, late, range(20), taken.append, progress, 4), events.append)
    assert taken == [item * item for item in range(20)]
    assert events[-1].step == 20
    assert [event.step for event in events] == sorted(event.step for event in events)


def test_no_more_is_begun_than_is_asked_for(executor):
    begun, most, taken = [], [], []

    def take(item):
        taken.append(item)
        most.append(len(begun) - len(taken))

    quietly(ordered_map(executor, begun.append, range(20), take, progress, 4))
    assert len(begun) == 20
    assert max(most) <= 4


@pytest.mark.parametrize("where", ["function", "take"])
def test_an_error_ends_it_and_nothing_goes_on(executor, where):
    running = []

    def fail(*_):
        raise ValueError("broken")

    def work(item):
        running.append(item)
        time.sleep(0.01)
        running.remove(item)
        return fail() if where == "function" and item == 3 else item

    take = {"function": nothing, "take": fail}[where]
    with pytest.raises(ValueError, match="broken"):
        quietly(ordered_map(executor, work, range(1000), take, progress, 4))
    assert not running


def test_a_closed_job_waits_for_what_it_began(executor):
    release, running = threading.Event(), []

    def work(item):
        running.append(item)
        release.wait(5)
        running.remove(item)

    job = ordered_map(executor, work, range(20), nothing, progress, 3)
    assert next(job).step == 0, "it is waited for in short steps"
    release.set()
    job.close()
    assert not running


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_share_that_stalls_is_waited_for_and_the_person_is_told_once(executor, monkeypatch, cancelled):
    monkeypatch.setattr(module, "STALLED", 0.2)
    answers, taken, told, waited = threading.Event(), [], [], []

    def read(item):
        answers.wait()
        return item

    job = ordered_map(executor, read, range(3), taken.append, progress, 2)
    for event in job:
        if isinstance(event, Notice):
            told.append(event.message)
        elif told:
            waited.append(event)
        if len(waited) == 3:  # it goes on yielding, so that it can be cancelled
            answers.set()
            if cancelled:
                job.close()
    assert told == [module.STALLED_WORDS]
    assert taken == ([] if cancelled else [0, 1, 2])
