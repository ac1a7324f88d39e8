"""The model of the window against a project that is no more than its events; neither Qt nor a viewer."""

import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from psygnal import Signal

from napari_hypseg._qt.model import WindowModel, occluding_regions
from napari_hypseg.hierarchy.cuts import Cut, cut_at
from napari_hypseg.hierarchy.tree import Hierarchy

SIZES = np.array([60, 25, 10, 5, 15, 40, 100], dtype=np.int64)
PARENTS = np.array([6, 5, 4, 4, 5, 6, 6], dtype=np.int32)


@dataclass(frozen=True)
class Level:
    name: str


class BareProject:
    changed = Signal(str)

    def __init__(self, tree, refusal=""):
        self.hierarchy, self.n_regions, self.levels = tree, 2, (Level("a"),)
        self.hierarchies = {tree.name: tree}
        self.access = SimpleNamespace(refusal=refusal)
        self.structures = None
        self.cuts = 0

    def cut(self):
        self.cuts += 1
        return cut_at(self.hierarchy, self.n_regions)

    def set_regions(self, n_regions):
        self.n_regions = n_regions
        self.changed.emit("regions")


@pytest.fixture
def tree():
    return Hierarchy(PARENTS, np.zeros(7, np.float32), SIZES, np.zeros((4, 2), np.float32))


@pytest.fixture
def project(tree):
    return BareProject(tree)


@pytest.fixture
def model(project):
    model = WindowModel()
    model.project = project
    return model


@pytest.fixture
def events(model):
    """Names of the events the model has emitted."""
    seen = []
    for name in ("project_changing", "project_changed", "specimens_changed", "cut_changed", "levels_changed",
                 "opacity_changed", "visibility_changed"):  # fmt: skip
        getattr(model, name).connect(lambda name=name: seen.append(name))
    return seen


def test_nothing_is_at_hand_at_first():
    model = WindowModel()
    assert model.project is model.tree is model.cut is model.table is model.locked is None
    assert model.levels == ()


def test_a_step_of_the_slider_computes_its_cut_and_its_table_once(model, project, events):
    for _ in range(3):
        assert model.cut.n_regions == 2
        assert model.table.regions.max() == 2
    assert project.cuts == 1
    project.set_regions(3)
    assert events == ["cut_changed"]
    assert model.table.regions.max() == 3
    assert model.table is model.table
    assert project.cuts == 2


@pytest.mark.parametrize(
    ("what", "event"),
    [
        ("segmentation", "project_changed"),
        ("training", "project_changed"),
        ("levels", "levels_changed"),
        ("specimens", "specimens_changed"),
    ],
)
def test_events_of_the_project_become_events_of_the_window(project, events, what, event):
    project.changed.emit(what)
    assert events == [event]


def test_changes_on_a_thread_are_announced_once_and_afterwards(model, project, events):
    with model.changes_held():
        project.changed.emit("training")
        project.changed.emit("segmentation")
        assert events == []
    assert events == ["project_changed"]


def test_another_project_takes_over_and_the_first_is_no_longer_heard(model, project, tree, events):
    other = BareProject(tree, refusal="another window has it open.")
    model.project = other
    assert events == ["project_changing", "project_changed"]
    project.changed.emit("levels")
    assert len(events) == 2
    assert model.locked == "another window has it open."
    model.project = None
    assert model.cut is model.table is None


def test_in_3d_the_largest_regions_are_seen_through(model, project, events):
    def hidden():
        return int((model.table.colours[1:, 3] == 0).sum())

    assert hidden() == 0
    model.in_3d = True
    assert events == ["opacity_changed"]
    assert hidden() > 0
    model.see_through = False
    assert hidden() == 0


def test_what_is_visible_is_told_when_it_changes(model, events):
    model.visible_levels = frozenset({None})
    model.visible_levels = frozenset({None})
    assert events == ["visibility_changed"]


def test_what_is_shown_in_3d_fills_a_small_part(tree):
    assert occluding_regions(tree, Cut((0, 1, 2, 3))) == {0, 1, 2}
    assert occluding_regions(tree, Cut((0, 5))) == {0}
    assert occluding_regions(tree, Cut((6,))) == set()


def test_the_model_needs_neither_qt_nor_napari():
    code = "import sys, napari_hypseg._qt.model; print([m for m in ('napari', 'qtpy', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
