"""Free memory goes back to the system at each stage of a job."""

import pytest

from napari_hypseg.jobs import Command, Notice, Progress, drive, memory_return
from napari_hypseg.jobs.memory_return import return_free_memory, returning_memory


@pytest.fixture
def returned(monkeypatch):
    times = []
    monkeypatch.setattr(memory_return, "return_free_memory", lambda: times.append(1))
    return times


def work(told, closed):
    try:
        for stage in ("regions", "regions", "encode", "encode"):
            told.append((yield Progress(stage, 1, 2)))
        yield Notice("done")
        return 7
    finally:
        closed.append(True)


def test_it_is_the_same_job(returned):
    told, closed, events = [], [], []

    def answer(event):
        events.append(event)
        return Command.STOP if len(events) == 2 else None

    assert drive(returning_memory(work(told, closed)), answer) == 7
    assert [type(event) for event in events] == [Progress] * 4 + [Notice]
    assert told == [None, Command.STOP, None, None]
    assert len(returned) == 2  # once a stage


def test_it_is_given_back_within_a_long_stage_too(returned, monkeypatch):
    monkeypatch.setattr(memory_return, "INTERVAL", -1.0)
    drive(returning_memory(work([], [])), lambda _: None)
    assert len(returned) == 4


def test_closing_it_closes_the_job(returned):
    closed = []
    job = returning_memory(work([], closed))
    next(job)
    job.close()
    assert closed == [True]


def test_an_allocator_of_another_kind_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory_return, "_uses_glibc", lambda: False)
    monkeypatch.setattr(memory_return.ctypes, "CDLL", None)
    return_free_memory()
