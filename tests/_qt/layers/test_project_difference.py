"""What is ticked and what is worked on are the same, or the button says why it cannot."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt

SHAPE = (10, 20, 36)
PATIENCE = 30_000


def tick(qtbot, dock, *wanted):
    """Click the boxes in the list of volumes until just `wanted` are ticked."""
    volumes = dock.choose.layers
    for row in range(volumes.count()):
        item = volumes.item(row)
        if (item.checkState() == Qt.CheckState.Checked) != (item.text() in wanted):
            place = volumes.visualItemRect(item).topLeft() + QPoint(12, 8)
            qtbot.mouseClick(volumes.viewport(), Qt.MouseButton.LeftButton, pos=place)


@pytest.fixture
def trained(dock, viewer, train):
    """The dock with a project of “tomo” at hand and a second volume that was opened afterwards."""
    train()
    (dock.model.project.path / "checkpoint.safetensors").write_bytes(b"")
    viewer.add_image(np.ones(SHAPE, np.float32), name="second", scale=(8, 8, 8), units=("angstrom",) * 3)
    return dock


def off(control):
    return None if control.isEnabled() else control.toolTip()


def test_another_volume_keeps_the_project_from_being_redone(qtbot, trained):
    learn = trained.learn
    assert [layer.name for layer in trained.specimens.ticked] == ["second"]
    for control in (learn.segment, learn.learn_on):
        assert "tomo.hypseg holds tomo, but second is ticked" in off(control)
    assert "but second is ticked" in learn.note.text()
    assert not learn.note.isHidden()
    assert learn.train.isEnabled()
    tick(qtbot, trained, "tomo")
    assert off(learn.segment) is None
    assert learn.note.isHidden()


def test_another_box_keeps_the_project_from_being_redone(trained, qtbot):
    tick(qtbot, trained, "tomo")
    trained.choose.box.setText("0:4,0:20,0:18")
    trained.choose.choice()
    assert "made from the whole volume of tomo, but now 0:4,0:20,0:18 is chosen" in off(trained.learn.segment)


def test_another_mask_keeps_the_project_from_being_redone(trained, viewer, qtbot):
    tick(qtbot, trained, "tomo")
    viewer.add_labels(np.ones(SHAPE, np.uint8), name="inside", scale=(8, 8, 8), units=("angstrom",) * 3)
    trained.choose.masks.setCurrentText("inside")
    assert "without a mask" in off(trained.learn.learn_on)


def test_voxels_that_changed_are_noticed_when_the_button_is_pressed(trained, viewer, qtbot, told):
    tick(qtbot, trained, "tomo")
    viewer.layers["tomo"].data = np.zeros(SHAPE, np.float32)
    trained.learn.segment.click()
    qtbot.waitUntil(lambda: trained.activity.kind is None, timeout=PATIENCE)
    assert "not what the project was made from" in str(told()[-1])


def test_ticking_the_volume_of_another_project_puts_that_at_hand(qtbot, trained, train, tmp_path):
    trained.specimens.set_project_folder(tmp_path / "second.hypseg")
    train()
    assert trained.model.project.path.name == "second.hypseg"
    tick(qtbot, trained, "tomo")
    qtbot.waitUntil(lambda: trained.model.project.path.name == "tomo.hypseg", timeout=PATIENCE)
    assert trained.specimens.project_folder.name == "tomo.hypseg"
    assert [layer.name for layer in trained.specimens.ticked] == ["tomo"]
