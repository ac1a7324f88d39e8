"""Undo of what is no edit of the project, in one line with the project's edits."""

import pytest

from napari_hypseg._qt.controllers.session_history import SessionHistory


@pytest.fixture
def edits():
    """How many edits of the project are done; a list, to be changed."""
    return [0]


@pytest.fixture
def state():
    return set()


@pytest.fixture
def history(edits):
    return SessionHistory(lambda: edits[0])


def put(history, state, name):
    history.do(name, lambda: state.add(name), lambda: state.discard(name))


def test_what_was_done_last_is_undone_first_whoever_keeps_it(edits, history, state):
    put(history, state, "a")
    edits[0] = 1
    assert not history.undo()
    put(history, state, "b")
    assert history.undo()
    assert state == {"a"}
    assert not history.undo()
    edits[0] = 0
    assert not state - {"a"}
    assert history.undo()
    assert not state
    assert not history.undo()
    assert history.redo()
    assert not history.redo()
    edits[0] = 1
    assert history.redo()
    assert state == {"a", "b"}


def test_what_was_undone_is_gone_once_something_else_is_done(history, state):
    put(history, state, "a")
    history.undo()
    put(history, state, "b")
    assert not history.redo()
    assert state == {"b"}
    history.forget("a")
    history.forget("b")
    assert not history.undo()
