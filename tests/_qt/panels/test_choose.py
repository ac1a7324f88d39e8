import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt

from napari_hypseg.errors import InputError
from napari_hypseg.project.project import Project
from napari_hypseg.volumes import Box

SHAPE = (10, 20, 36)


def items(dock):
    return [dock.choose.layers.item(row) for row in range(dock.choose.layers.count())]


def second(viewer, name="second", shape=SHAPE):
    return viewer.add_image(np.ones(shape, np.float32), name=name, scale=(8, 8, 8), units=("angstrom",) * 3)


def test_a_newly_opened_volume_is_ticked(qtbot, dock, viewer):
    assert [item.text() for item in items(dock)] == ["tomo"]
    qtbot.wait(1)
    second(viewer)
    assert [layer.name for layer in dock.specimens.ticked] == ["second"]
    assert dock.steps[0].summary == "second"
    assert dock.specimens.project_folder.name == "second.hypseg"


def test_volumes_opened_in_one_go_are_ticked_together(qtbot, dock, viewer):
    qtbot.wait(1)
    second(viewer, "b", (4, 5, 6))
    second(viewer, "c", (4, 5, 7))
    assert [layer.name for layer in dock.specimens.ticked] == ["b", "c"]
    assert len(dock.specimens.groups()) == 2, "of different sizes they cannot be channels"
    assert dock.choose.roles.isHidden()


def test_a_volume_opened_while_learning_is_not_ticked(qtbot, learning, viewer):
    second(viewer)
    assert [layer.name for layer in learning.specimens.ticked] == ["tomo"]


def test_without_a_volume_train_says_so(dock, viewer):
    viewer.layers.clear()
    assert not dock.learn.train.isEnabled()
    assert "no volume is ticked" in dock.learn.train.toolTip()


def test_what_is_no_volume_cannot_be_ticked_and_says_why(dock, viewer):
    viewer.add_image(np.zeros((20, 36, 3), dtype=np.uint8), rgb=True, name="photo")
    viewer.add_image(np.zeros((2, *SHAPE)), name="movie")
    _, photo, movie = items(dock)
    assert not photo.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "colour picture" in photo.toolTip()
    assert "4 axes" in movie.toolTip()


def test_two_volumes_of_one_size_are_asked_about(qtbot, dock, viewer):
    second(viewer)
    items(dock)[0].setCheckState(Qt.CheckState.Checked)
    assert "tomo and second have one size" in dock.choose.roles.question.text()
    for button in (dock.learn.train, dock.locate.search):
        assert not button.isEnabled()
        assert "channels or specimens" in button.toolTip()
    assert "channels or specimens" in dock.learn.note.text()
    qtbot.mouseClick(dock.choose.roles.channels, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    (specimen,) = dock.choose.choice().specimens
    assert len(specimen.volume.channels) == 2
    assert dock.learn.train.isEnabled()
    qtbot.mouseClick(dock.choose.roles.specimens, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert [s.volume.name for s in dock.choose.choice().specimens] == ["tomo", "second"]


def test_another_volume_is_asked_about_anew(qtbot, dock, viewer):
    second(viewer)
    items(dock)[0].setCheckState(Qt.CheckState.Checked)
    dock.choose.roles.specimens.click()
    qtbot.wait(1)
    second(viewer, "third")
    for item in items(dock):
        item.setCheckState(Qt.CheckState.Checked)
    assert dock.choose.roles.answer is None
    items(dock)[2].setCheckState(Qt.CheckState.Unchecked)
    assert len(dock.specimens.groups()) == 2, "the answer about the first two still holds"


def test_channels_of_one_file_are_not_asked_about(qtbot, dock, viewer):
    qtbot.wait(1)
    for number in range(2):
        metadata = {"hypseg_source": ("/data/cell.tif",), "hypseg_channel": (number, 2)}
        viewer.add_image(np.ones(SHAPE, np.float32), name=f"cell {number}", metadata=metadata)
    assert [len(channels) for channels in dock.specimens.groups()] == [2]
    assert dock.learn.train.isEnabled()


def test_channels_on_different_grids_are_refused(dock, viewer):
    viewer.add_image(np.zeros(SHAPE), name="other", scale=(4, 8, 8), units=("angstrom",) * 3)
    items(dock)[0].setCheckState(Qt.CheckState.Checked)
    dock.choose.roles.channels.click()
    with pytest.raises(InputError, match="has voxels of"):
        dock.choose.choice()


def test_mask_and_box_restrict(dock, viewer):
    mask = np.zeros(SHAPE, dtype=np.uint8)
    mask[2:5] = 1
    viewer.add_labels(mask, name="inside", scale=(8, 8, 8), units=("angstrom",) * 3)
    dock.choose.masks.setCurrentIndex(1)
    dock.choose.box.setText("0:4,0:20,0:18")
    (specimen,) = dock.choose.choice().specimens
    assert specimen.box == Box((0, 0, 0), (4, 20, 18))
    assert specimen.inside(specimen.region).sum() == 2 * 20 * 18


def test_a_corrected_voxel_size_reaches_the_layer_and_the_volume(qtbot, dock, viewer):
    editor = dock.choose.voxel_size
    assert [edge.text() for edge in editor.edges] == ["8", "8", "8"]
    assert editor.unit.currentText() == "Å"
    for edge in editor.edges:
        edge.setText("1.5")
        edge.editingFinished.emit()
    editor.unit.setCurrentIndex(editor.unit.findData("nanometer"))
    np.testing.assert_allclose(viewer.layers["tomo"].scale, 1.5)
    (specimen,) = dock.choose.choice().specimens
    assert (specimen.volume.voxel_size, specimen.volume.unit) == ((1.5, 1.5, 1.5), "nanometer")


def test_a_unit_that_is_not_offered_is_shown_and_kept(dock, viewer):
    viewer.layers["tomo"].units = ("picometer",) * 3
    editor = dock.choose.voxel_size
    assert editor.unit.currentText() == "pm"
    editor.edges[0].setText("400")
    editor.edges[0].editingFinished.emit()
    assert dock.choose.choice().specimens[0].volume.unit == "picometer"


def test_a_voxel_size_nobody_knows_is_pointed_out(dock, viewer):
    assert dock.choose.voxel_size.note.text() == ""
    viewer.layers["tomo"].units = ("pixel",) * 3
    assert "true sizes" in dock.choose.voxel_size.note.text()


def test_sections_that_look_thick_are_pointed_out_until_they_are_corrected(dock, viewer):
    viewer.layers["tomo"].metadata["hypseg_voxel_size_doubt"] = "It changes about 10 times faster along z."
    editor = dock.choose.voxel_size
    editor.show_layers([viewer.layers["tomo"]])
    assert "10 times faster along z" in editor.note.text()
    editor.edges[0].setText("80")
    editor.edges[0].editingFinished.emit()
    editor.show_layers([viewer.layers["tomo"]])
    assert editor.note.text() == ""


def test_the_project_lies_beside_the_file(dock, viewer, tmp_path):
    dock.specimens.set_project_folder(None)
    assert dock.specimens.project_folder.name == "tomo.hypseg"
    viewer.layers["tomo"].metadata["hypseg_source"] = (str(tmp_path / "cell.mrc"),)
    assert dock.specimens.project_folder == tmp_path / "tomo.hypseg"


def test_a_voxel_size_corrected_after_learning_reaches_regions_and_exports(dock, viewer, train):
    train()
    dock.choose.voxel_size.edges[0].setText("16")
    dock.choose.voxel_size.edges[0].editingFinished.emit()
    for name in ("tomo", "regions"):
        np.testing.assert_allclose(viewer.layers[name].scale, (16, 8, 8))
    project = Project.open(dock.model.project.path)
    assert project.label_image().voxel_size == (16, 8, 8)
    assert dock.workspace.learning.is_at_hand(dock.choose.choice())


def test_a_correction_goes_to_volumes_of_the_same_size_only(dock, viewer):
    viewer.add_image(np.zeros(SHAPE), name="second", scale=(3, 3, 3), units=("angstrom",) * 3)
    items(dock)[0].setCheckState(Qt.CheckState.Checked)
    dock.choose.voxel_size.edges[0].setText("16")
    dock.choose.voxel_size.edges[0].editingFinished.emit()
    np.testing.assert_allclose(viewer.layers["tomo"].scale, (16, 8, 8))
    np.testing.assert_allclose(viewer.layers["second"].scale, (3, 3, 3))


def test_a_reopened_project_still_has_its_mask(qtbot, dock, viewer, train):
    mask = np.zeros(SHAPE, dtype=np.uint8)
    mask[2:5] = 1
    viewer.add_labels(mask, name="inside", scale=(8, 8, 8), units=("angstrom",) * 3)
    dock.choose.masks.setCurrentText("inside")
    train()
    assert dock.workspace.learning.is_at_hand(dock.choose.choice())
    folder = dock.specimens.project_folder
    viewer.layers.clear()
    dock.model.project = None
    dock.workspace.projects.open(folder)
    qtbot.waitUntil(lambda: dock.model.project is not None)
    assert dock.choose.masks.currentText() == "as in the project"
    assert dock.workspace.learning.is_at_hand(dock.choose.choice())


def test_an_image_of_few_whole_numbers_can_be_chosen_as_the_mask(dock, viewer):
    inside = np.zeros((10, 20, 36), dtype=np.uint8)
    inside[2:6] = 1
    viewer.add_image(inside, name="inside", scale=(8, 8, 8), units=("angstrom",) * 3)
    offered = [dock.choose.masks.itemText(row) for row in range(dock.choose.masks.count())]
    assert offered == ["none", "inside (image)"]
    for row in range(dock.choose.layers.count()):
        item = dock.choose.layers.item(row)
        item.setCheckState(Qt.CheckState.Checked if item.text() == "tomo" else Qt.CheckState.Unchecked)
    dock.choose.masks.setCurrentIndex(1)
    (specimen,) = dock.choose.choice().specimens
    np.testing.assert_array_equal(np.asarray(specimen.mask.channels[0]), inside)
