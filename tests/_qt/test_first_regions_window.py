"""First regions in the window: one button, what they are, and work on them while learning goes on."""

import numpy as np
from qtpy.QtCore import Qt

from napari_hypseg._qt.activity_kinds import FIRST, LEARN
from napari_hypseg._qt.dialogs.project_questions import OverwriteChoice
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure
from tests._qt.conftest import setting
from tests._qt.fake_project_jobs import FIRST_SEED, LEAVES

PATIENCE = 60_000
FEW = LEAVES // 2


def first(qtbot, dock):
    dock.first.start.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)


def wait_for_first(qtbot, dock):
    """While learning goes on."""
    qtbot.waitUntil(lambda: dock.model.from_filters and not dock.first.learning.isHidden(), timeout=PATIENCE)


def name_leaf(dock, name="core"):
    dock.model.structures.do(MakeStructure(name=name, colour=(1.0, 0.0, 0.0), leaves="0-1"))


def test_one_button_shows_them_and_says_what_they_are(qtbot, dock, viewer, told):
    assert "no regions yet" in dock.first.sentence.text()
    first(qtbot, dock)
    assert [layer.name for layer in viewer.layers] == ["tomo", "regions"]
    assert dock.model.tree.n_leaves == FEW
    assert dock.explore.slider.isEnabled()
    assert dock.steps[3].expanded
    assert dock.first.start.isHidden()
    assert "not learned yet" in dock.first.sentence.text()
    assert any("nothing was learned yet" in sentence for sentence in told())
    assert "nothing was learned yet" in viewer.status
    assert Project.open(dock.model.project.path).segmentation.from_filters


def test_the_button_of_step_3_does_the_same_and_makes_room_once_something_is_learned(qtbot, dock, train):
    assert dock.learn.segment.isHidden()
    dock.learn.first.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert not dock.learn.first.isEnabled()
    assert "regions already" in dock.learn.first.toolTip()
    train()
    assert dock.first.isHidden()


def test_train_refines_them_in_place_and_carries_structures_over(qtbot, dock, viewer, train, told):
    first(qtbot, dock)
    layer = viewer.layers["regions"]
    dock.explore.slider.setValue(4)
    qtbot.waitUntil(lambda: dock.model.project.n_regions == 4)
    name_leaf(dock)
    train()
    assert viewer.layers["regions"] is layer
    assert dock.model.tree.n_leaves == LEAVES
    assert (dock.model.project.n_regions, dock.explore.slider.value()) == (4, 4)
    assert [one.name for one in dock.model.annotation.structures.values()] == ["core"]
    sentence = "Regions are made anew from what was learned; 1 structure carried over, 100.0 % of their voxels."
    assert any(sentence in said for said in told())
    assert sentence in viewer.status


def test_they_are_there_while_learning_goes_on(qtbot, dock, viewer, told):
    setting(dock, "steps").set(None)
    setting(dock, "seed").set(FIRST_SEED)
    dock.learn.train.click()
    wait_for_first(qtbot, dock)
    qtbot.waitUntil(lambda: any("while learning refines" in sentence for sentence in told()), timeout=PATIENCE)
    assert dock.activity.kind is LEARN
    assert dock.steps[3].expanded
    assert not dock.learn.preview.isChecked()
    name_leaf(dock)
    dock.model.structures.undo()
    name_leaf(dock, "again")
    log = next((dock.model.project.path / "edits").iterdir()).read_text().splitlines()
    assert len(log) == 4, "every edit is on disk at once"
    assert viewer.layers["regions"].name == "regions", "no preview in the way"
    dock.first.learning.stop.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert not dock.model.from_filters
    assert dock.learn.preview.isChecked()
    assert [one.name for one in dock.model.annotation.structures.values()] == ["again"]


def test_who_wants_a_preview_gets_it_in_place_of_them(qtbot, dock, viewer):
    setting(dock, "steps").set(None)
    setting(dock, "seed").set(FIRST_SEED)
    dock.learn.train.click()
    wait_for_first(qtbot, dock)
    dock.learn.preview.click()
    qtbot.waitUntil(lambda: "regions (preview)" in viewer.layers, timeout=PATIENCE)
    dock.learn.preview.click()
    qtbot.waitUntil(lambda: "regions" in viewer.layers, timeout=PATIENCE)
    dock.activity.cancel()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert dock.model.from_filters
    assert np.asarray(viewer.layers["regions"].data[0]).max() == FEW


def test_cancelled_learning_leaves_them_and_what_was_named(qtbot, dock):
    setting(dock, "steps").set(None)
    setting(dock, "seed").set(FIRST_SEED)
    dock.learn.train.click()
    wait_for_first(qtbot, dock)
    name_leaf(dock)
    dock.first.learning.cancel.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert dock.model.from_filters
    assert [one.name for one in Project.open(dock.model.project.path).structures.annotation.structures.values()] == [
        "core"
    ]


def test_they_are_cancelled_and_nothing_is_left(qtbot, dock, viewer):
    setting(dock, "leaves").set(999)
    dock.first.start.click()
    qtbot.waitUntil(lambda: "42 s left" in dock.first.job.progress.status.text(), timeout=PATIENCE)
    assert dock.activity.kind is FIRST
    assert "first regions are being made" in dock.learn.train.toolTip()
    assert dock.first.start.isHidden(), "no second press"
    assert not dock.learn.first.isEnabled()
    assert "first regions" in dock._consequence()
    path = dock.model.project.path
    qtbot.mouseClick(dock.first.job.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert [layer.name for layer in viewer.layers] == ["tomo"]
    assert not path.exists()
    assert dock.first.start.isEnabled()


def test_a_project_in_the_way_is_asked_about(qtbot, dock, older, monkeypatch):
    monkeypatch.setattr("napari_hypseg._qt.dock.ask_overwrite", lambda *_: OverwriteChoice.CANCEL)
    dock.first.start.click()
    assert dock.activity.kind is None
    assert Project.open(older.path).hierarchy.n_leaves == LEAVES


def test_what_may_only_be_read_says_why(qtbot, dock, viewer, older):
    other = Project.open(older.path, write=True, what="another window")
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    dock.specimens.set_project_folder(older.path)
    assert not dock.learn.first.isEnabled()
    assert "open for writing" in dock.learn.first.toolTip()
    other.close()


def test_a_full_disk_is_one_sentence(qtbot, dock, told, monkeypatch):
    from napari_hypseg.errors import OutputError

    def full(*_, **__):
        raise OutputError("The disk is full.")

    monkeypatch.setattr(Project, "create", full)
    first(qtbot, dock)
    assert [str(sentence) for sentence in told()] == ["The disk is full."]
    assert dock.first.start.isEnabled()
