"""The choice of what to learn from, without a window."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from napari.components import ViewerModel
from psygnal import Signal
from qtpy.QtCore import QObject

from napari_hypseg._qt.layers.boxes import Boxes
from napari_hypseg._qt.layers.grouping import Role
from napari_hypseg._qt.layers.layer_events import LayerEvents
from napari_hypseg._qt.layers.mask_model import IN_PROJECT
from napari_hypseg._qt.layers.specimen_model import SpecimenModel

SHAPE = (4, 5, 6)


class Model:
    """As much of the window's model as is used: a project, and that it is another one."""

    project_changed = Signal()
    project = None

    def show(self, project):
        self.project = project
        self.project_changed.emit()


@pytest.fixture
def made(qtbot):
    """A viewer with a volume, and what is chosen in it; `idle` says whether nothing is under way."""
    viewer, parent, model, idle = ViewerModel(), QObject(), Model(), [True]
    viewer.add_image(np.ones(SHAPE), name="first")
    events = LayerEvents(viewer, parent)
    specimens = SpecimenModel(viewer, model, Boxes(parent), events, lambda: idle[0])
    qtbot.wait(1)
    yield SimpleNamespace(viewer=viewer, model=model, idle=idle, specimens=specimens, parent=parent)
    events.disconnect_viewer()


def names(made):
    return [layer.name for layer in made.specimens.ticked]


@pytest.mark.parametrize(("idle", "ticked"), [(True, ["second"]), (False, ["first"])])
def test_what_is_opened_is_ticked_unless_work_is_under_way(made, idle, ticked):
    made.idle[0] = idle
    made.viewer.add_image(np.ones(SHAPE), name="second")
    assert names(made) == ticked


def test_every_change_is_said_once(made):
    said = []
    made.specimens.changed.connect(lambda: said.append(names(made)))
    second = made.viewer.add_image(np.ones(SHAPE), name="second")
    said.clear()
    made.specimens.tick([*made.specimens.images])
    made.specimens.answer(Role.CHANNELS)
    made.specimens.set_project_folder(Path("here.hypseg"))
    made.specimens.mask.choose(second)
    assert said == [["first", "second"]] * 4


def test_an_answer_holds_for_the_volumes_it_was_about(made):
    made.viewer.add_image(np.ones(SHAPE), name="second")
    made.specimens.tick(made.specimens.images)
    assert "channels or specimens" in made.specimens.problem
    made.specimens.answer(Role.CHANNELS)
    assert made.specimens.problem is None
    assert len(made.specimens.groups()) == 1
    made.idle[0] = False
    made.viewer.add_image(np.ones(SHAPE), name="third")
    made.specimens.tick(made.specimens.images)
    assert "channels or specimens" in made.specimens.problem


def test_the_folder_goes_with_the_volume_it_was_chosen_for(made):
    made.specimens.set_project_folder(Path("here.hypseg"))
    first = made.specimens.ticked
    made.specimens.tick([])
    assert "no volume" in made.specimens.problem
    assert made.specimens.project_folder != Path("here.hypseg")
    made.specimens.tick(first)
    assert made.specimens.project_folder == Path("here.hypseg")


def test_a_mask_that_was_taken_off_stays_off(made):
    records = [SimpleNamespace(mask="mask.npy", box=None)]
    specimens = [SimpleNamespace(mask=None)]
    made.model.show(SimpleNamespace(path=Path("cell.hypseg"), records=records, specimens=specimens))
    mask = made.specimens.mask
    assert mask.chosen == IN_PROJECT
    assert mask.masks() == [None]
    mask.choose(None)
    made.viewer.add_image(np.ones(SHAPE), name="second")
    assert mask.chosen is None


def test_a_mask_whose_layer_is_gone_is_none(made):
    labels = made.viewer.add_labels(np.ones(SHAPE, int), name="inside")
    assert [name for name, _ in made.specimens.mask.options()] == ["none", "first (image)", "inside"]
    made.specimens.mask.choose(labels)
    assert made.specimens.mask.masks() is labels
    made.viewer.layers.remove(labels)
    assert made.specimens.mask.chosen is None
