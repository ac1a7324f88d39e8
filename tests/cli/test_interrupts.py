"""Stopping: at a report, kept if the job can, at once the second time."""

import os
import signal

import pytest

from napari_hypseg.cli.interrupts import drive_interruptible, interrupt, signals_handled
from napari_hypseg.jobs import Command, Notice, Progress
from napari_hypseg.jobs.stage import Stage


def counting(kept, closed):
    """A job of ten steps that understands STOP."""
    try:
        for step in range(10):
            if (yield Progress("learn", step, 10)) is Command.STOP:
                break
        kept.append(step)
        return step
    finally:
        closed.append(True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_job_that_keeps_is_asked_to_finish(number):
    kept, closed = [], []

    def show(event):
        if event.step == 3:
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt):
        drive_interruptible(counting(kept, closed), show, finishing=Stage.LEARN)
    assert kept == [3]
    assert closed


def test_another_job_is_closed_at_its_next_report():
    kept, closed = [], []

    def show(event):
        if event.step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        drive_interruptible(counting(kept, closed), show)
    assert kept == []
    assert closed


def test_a_job_is_closed_at_the_stage_after_the_one_that_finishes():
    kept, closed = [], []

    def job():
        kept.append((yield from counting([], closed)))
        yield Notice("Now the next stage.")
        yield Progress("encode", 0, 10)
        kept.append("encoded")

    def show(event):
        if getattr(event, "step", 0) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        drive_interruptible(job(), show, finishing=Stage.LEARN)
    assert kept == [3]


def test_the_second_time_is_at_once():
    def deaf():
        while True:
            yield Progress("learn", 0)

    def show(event):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        drive_interruptible(deaf(), show, finishing=Stage.LEARN)


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with signals_handled(interrupt), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    assert drive_interruptible(counting([], []), lambda event: None) == 9
