import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_hypseg._napari.layer_sync import leaf_table
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure

PATIENCE = 30_000


@pytest.fixture
def explored(qtbot, dock, viewer, older):
    """The dock with a project opened, one level of four regions kept and the slider at seven."""
    viewer.layers.clear()
    earlier = Project.open(older.path, write=True)
    earlier.remove_level("coarse")
    earlier.close()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None)
    setting(dock, "steps").set(3)
    dock.explore.slider.setValue(4)
    dock.explore.name.setText("four")
    dock.explore.keep.click()
    dock.explore.slider.setValue(7)
    return dock


def setting(dock, name):
    forms = [form for forms in dock.learn.form.forms.values() for form in forms]
    return next(form.editors[name] for form in forms if name in form.editors)


def tick(dock, row, ticked):
    state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
    dock.explore.levels.list.item(row).setCheckState(state)


def visible(viewer):
    return [layer.name for layer in viewer.layers if layer.visible and layer.name != "older"]


def test_a_kept_level_is_a_layer_that_shares_the_leaves_and_stays(explored, viewer):
    kept, regions = viewer.layers["four"], viewer.layers["regions"]
    assert str(kept.data.leaves.array) == str(regions.data.leaves.array), "one array on disk"
    assert leaf_table(kept).regions.max() == 4
    assert leaf_table(regions).regions.max() == 7
    assert visible(viewer) == ["regions"], "it does not cover what the slider shows"
    assert viewer.layers.selection.active is regions
    assert [level.name for level in Project.open(explored.model.project.path).levels] == ["four"]


def test_ticking_shows_a_level_in_place_of_the_slider(explored, viewer):
    tick(explored, 0, True)
    assert visible(viewer) == ["four"]
    tick(explored, 0, False)
    assert visible(viewer) == ["regions"]


def test_moving_the_slider_brings_its_regions_back(explored, viewer, qtbot):
    tick(explored, 0, True)
    explored.explore.slider.setValue(9)
    qtbot.waitUntil(lambda: visible(viewer) == ["regions"])
    assert leaf_table(viewer.layers["regions"]).regions.max() == 9
    assert explored.explore.levels.list.item(0).checkState() == Qt.CheckState.Unchecked


def test_the_eye_in_the_layer_list_and_the_tick_agree(explored, viewer):
    viewer.layers["four"].visible = True
    assert explored.explore.levels.list.item(0).checkState() == Qt.CheckState.Checked


def test_a_level_is_named_by_its_number_of_regions_unless_told(explored, viewer):
    explored.explore.keep.click()
    assert explored.explore.levels.names() == ["four", "7 regions"]
    assert "7 regions" in viewer.layers


def test_renaming_renames_the_layer_and_the_record(explored, viewer):
    explored.explore.levels.list.item(0).setText("membranes")
    assert "membranes" in viewer.layers
    assert "four" not in viewer.layers
    assert [level.name for level in Project.open(explored.model.project.path).levels] == ["membranes"]


def test_a_name_that_is_taken_is_refused_in_one_sentence(explored, told):
    explored.explore.keep.click()
    explored.explore.levels.list.item(1).setText("four")
    assert "four" in told()[-1]
    assert explored.explore.levels.names() == ["four", "7 regions"]


def test_removing_takes_the_layer_away(explored, viewer):
    explored.explore.levels.list.setCurrentRow(0)
    explored.explore.levels.remove.click()
    assert "four" not in viewer.layers
    assert explored.explore.levels.names() == []
    assert "no level is kept" in explored.explore.levels.remove.toolTip()


def test_going_back_to_a_level_moves_the_slider(explored, qtbot):
    explored.explore.levels.list.setCurrentRow(0)
    explored.explore.levels.back.click()
    qtbot.waitUntil(lambda: explored.model.project.n_regions == 4)
    assert explored.explore.slider.value() == 4


def test_a_deleted_layer_comes_back_when_it_is_asked_for(explored, viewer, qtbot):
    viewer.layers.remove("four")
    viewer.layers.remove("regions")
    explored.explore.slider.setValue(3)
    qtbot.waitUntil(lambda: "regions" in viewer.layers)
    tick(explored, 0, True)
    assert visible(viewer) == ["four"]


def test_regions_that_were_taken_out_of_the_picture_can_be_put_back(explored, viewer, qtbot):
    back = explored.explore.back
    assert back.isHidden()
    viewer.layers.remove("regions")
    assert not back.isHidden()
    back.click()
    qtbot.waitUntil(lambda: "regions" in viewer.layers and viewer.layers["regions"].visible)
    assert back.isHidden()


def test_a_hidden_layer_catches_up_when_it_is_shown(explored, viewer):
    explored.workspace.view.show_only("four")
    explored.model.project.set_regions(3)
    viewer.layers["regions"].visible = True
    assert leaf_table(viewer.layers["regions"]).regions.max() == 3


def test_every_step_in_a_fast_drag_ends_where_the_hand_is(explored, qtbot, viewer):
    for regions in range(2, 13):
        explored.explore.slider.setValue(regions)
    qtbot.waitUntil(lambda: leaf_table(viewer.layers["regions"]).regions.max() == 12)


def test_learning_anew_keeps_the_old_level(explored, viewer, train):
    before = np.asarray(leaf_table(viewer.layers["four"]).colours)
    train()
    np.testing.assert_array_equal(leaf_table(viewer.layers["four"]).colours, before)
    assert leaf_table(viewer.layers["regions"]).regions.max() == 7


def test_exporting_says_where_it_went(explored, qtbot, tmp_path):
    explored.explore.export.click()
    dialog = explored.dialog
    assert dialog.path.text().endswith("older-7-regions.mrc")
    dialog.level.setCurrentIndex(1)
    assert dialog.path.text().endswith("older-four.mrc")
    dialog.format.setCurrentIndex(dialog.format.findText("TIFF", Qt.MatchFlag.MatchContains))
    target = tmp_path / "out.tif"
    dialog.path.setText(str(target))
    dialog.write.click()
    assert not dialog.write.isEnabled()
    assert not explored.learn.train.isEnabled()
    qtbot.waitUntil(lambda: explored.activity.kind is None, timeout=PATIENCE)
    assert str(target) in dialog.job.progress.status.text()
    assert target.read_text() == "level four 0 0 tiff"
    assert dialog.reveal.isEnabled()


def test_an_export_of_many_structures_names_a_few(explored):
    for number in range(7):
        edit = MakeStructure(name=f"s{number}", colour=(1.0, 0.0, 0.0), leaves=str(number))
        explored.model.project.structures.do(edit)
    explored.explore.export.click()
    assert explored.dialog.level.itemText(0) == "all structures: s0, s1, s2, s3 and 3 more"


def test_an_export_replaces_a_file_only_if_told(explored, monkeypatch, tmp_path):
    explored.explore.export.click()
    target = tmp_path / "precious.mrc"
    target.write_text("mine")
    explored.dialog.path.setText(str(target))
    monkeypatch.setattr(type(explored.dialog), "_may_replace", lambda self, path: False)
    explored.dialog.write.click()
    assert explored.activity.kind is None
    assert target.read_text() == "mine"


def test_in_3d_the_largest_regions_are_seen_through(explored, viewer):
    def hidden(name):
        table = leaf_table(viewer.layers[name])
        return set(table.regions[1:][table.rows[1:, 3] == 0].tolist())

    project = explored.model.project
    assert hidden("regions") == hidden("four") == set()
    viewer.dims.ndisplay = 3
    largest = max(project.cut().nodes, key=lambda node: project.hierarchy.sizes[node])
    region = leaf_table(viewer.layers["regions"]).regions[1:][project.hierarchy.leaves_of(largest)[0]]
    assert int(region) in hidden("regions")
    assert 0 < len(hidden("regions")) < 7
    assert 0 < len(hidden("four")) < 4
    explored.explore.through.setChecked(False)
    assert hidden("regions") == set()
    explored.explore.through.setChecked(True)
    viewer.dims.ndisplay = 2
    assert hidden("regions") == hidden("four") == set()


def test_a_project_of_several_layers_is_opened_once(qtbot, dock, viewer, older, told):
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    assert len(viewer.layers) > 2
    qtbot.waitUntil(lambda: dock.model.project is not None)
    qtbot.wait(200)
    assert dock.model.locked is None
    assert not [message for message in told() if "open for writing" in message]
