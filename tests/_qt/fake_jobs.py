"""Jobs for the tests; the job's process imports this module by name."""

import os
import time
from pathlib import Path

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Command, Notice, Progress


def count(control, total, nap=0.0):
    """Count to `total`; stop early with what there is if asked to."""
    for step in range(total):
        time.sleep(nap)
        command = yield Progress("learn", step, total, {"loss": 1 / (step + 1)}, seconds_left=float(total - step))
        if command is Command.STOP:
            return f"kept {step > 0}"
    return "counted"


def watch(control, path):
    """Work until told otherwise; what happens to it is written to `path`."""
    try:
        step = 0
        while True:
            time.sleep(0.02)
            step += 1
            Path(path).write_text(f"{step} {control.view}")
            if (yield Progress("learn", step)) is Command.STOP:
                return step
    finally:
        with Path(path).open("a") as stream:
            stream.write(" closed")


def speak(control):
    """Say one thing and print another, which must not get in its way."""
    print("a library's chatter")
    yield Notice("The header says 0.")
    return os.nice(0) if hasattr(os, "nice") else 10


def refuse(control):
    yield Progress("learn", 0)
    raise InputError("The mask m.mrc is empty; choose another.")


def break_down(control):
    yield Progress("learn", 0)
    raise ZeroDivisionError("a defect")


def vanish(control):
    yield Progress("learn", 0)
    os._exit(7)


def await_the_end(path):
    """A window of its own: start `watch` and wait to be killed."""
    from qtpy.QtCore import QCoreApplication

    from napari_hypseg._qt.jobs.job_runner import JobRunner

    application = QCoreApplication([])
    runner = JobRunner()
    runner.start("fake_jobs:watch", path=path)
    application.exec()
