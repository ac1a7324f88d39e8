import tempfile

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_hypseg._qt.dialogs.crop_dialog import expectation
from napari_hypseg._qt.panels.locate_panel import verdict
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.proposal import Proposal

PATIENCE = 30_000
SHAPE = (10, 20, 36)
FOUND = Box((1, 2, 3), (9, 18, 33))
OTHER = Box((2, 2, 2), (8, 12, 20))


@pytest.fixture
def find(qtbot, dock, tmp_path, monkeypatch):
    """Function that presses Find sample and waits for the end; voxels in memory are kept below `kept` meanwhile."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()

    def press():
        dock.locate.search.click()
        rest(qtbot, dock)

    return press


@pytest.fixture
def looking(qtbot, dock, find):
    """The dock while a sample is being looked for that is found only when told to stop."""
    set_steps(dock, 900)
    dock.locate.search.click()
    qtbot.waitUntil(lambda: "left" in dock.locate.job.progress.status.text(), timeout=PATIENCE)
    return dock


@pytest.fixture
def two(qtbot, dock, viewer):
    """The dock with two volumes ticked as two specimens."""
    viewer.add_image(np.ones(SHAPE, np.float32), name="second", scale=(8, 8, 8), units=("angstrom",) * 3)
    dock.choose.layers.item(0).setCheckState(Qt.CheckState.Checked)
    dock.choose.roles.specimens.click()
    return dock


def rest(qtbot, dock):
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)


def set_steps(dock, steps, seed=0):
    dock.locate.settings.expand()
    form = dock.locate.form
    form.shared.editors["method"].set("sorting")
    form.own.editors["steps"].set(steps)
    form.own.editors["seed"].set(seed)


def box_layer(viewer, name="tomo"):
    return viewer.layers[f"sample box {name}"]


def boxes(dock):
    return [specimen.box for specimen in dock.choose.choice().specimens]


def test_finding_shows_box_map_and_how_sure_it_is(dock, viewer, find, tmp_path):
    find()
    assert [layer.name for layer in viewer.layers] == ["tomo", "sample map tomo", "sample box tomo"]
    assert dock.choose.box.text() == "1:9,2:18,3:33"
    assert boxes(dock) == [FOUND]
    assert "95 % sure: 8×16×30 voxels (z, y, x), 53 % of the volume" in dock.locate.verdict.text()
    assert dock.specimens.ticked == [viewer.layers["tomo"]], "the map is no volume to learn from"
    assert dock.choose.layers.count() == 1
    assert viewer.layers.selection.active is viewer.layers["tomo"]
    assert list((tmp_path / "kept").iterdir()) == []


def test_the_mouse_shows_arrows_on_the_sides_of_a_box(dock, viewer):
    dock.workspace.boxes.put(dock.specimens.groups(), OTHER)
    shown = dock.workspace.locating.view._shown[viewer.layers["tomo"]]
    shown.hovered.emit(frozenset({(1, 0)}))
    assert viewer.window._qt_viewer.canvas.cursor.shape() == Qt.CursorShape.SizeVerCursor


def test_a_cell_of_the_map_lies_over_its_voxels(qtbot, dock, viewer, find):
    viewer.layers["tomo"].translate = (80, 0, 0)
    find()
    shown, volume = viewer.layers["sample map tomo"], viewer.layers["tomo"]
    assert shown.units == volume.units
    first = np.array([-0.5, -0.5, -0.5])
    np.testing.assert_allclose(shown.data_to_world(first), volume.data_to_world(first))
    np.testing.assert_allclose(
        shown.data_to_world((0.5, 0.5, 0.5)), volume.data_to_world((1.5, 1.5, 2.5)), err_msg="steps of 2, 2 and 3"
    )
    dock.workspace.projects.correct_voxel_size([volume], (4.0, 4.0, 4.0), "angstrom")
    qtbot.waitUntil(lambda: np.allclose(shown.scale, (8, 8, 12)))
    np.testing.assert_allclose(shown.data_to_world(first), volume.data_to_world(first))
    np.testing.assert_allclose(box_layer(viewer).scale, (4, 4, 4))


def test_finding_again_replaces(dock, viewer, find):
    find()
    dock.workspace.boxes.put(dock.specimens.groups(), OTHER)
    find()
    assert len(viewer.layers) == 3
    assert boxes(dock) == [FOUND]


def test_layer_text_and_choice_show_one_box(qtbot, dock, viewer, find):
    find()
    told = []
    dock.workspace.boxes.changed.connect(lambda: told.append(dock.choose.box.text()))
    shown = dock.workspace.locating.view._shown[viewer.layers["tomo"]]
    shown.set_box(OTHER)
    shown.changed.emit(OTHER)
    assert boxes(dock) == [OTHER]
    assert dock.choose.box.text() == str(OTHER)
    assert "Set by hand: 6×10×18" in dock.locate.verdict.text()
    dock.choose.box.setFocus()
    dock.choose.box.selectAll()
    qtbot.keyClicks(dock.choose.box, "0:5,0:20,0:99")
    qtbot.keyClick(dock.choose.box, Qt.Key.Key_Return)
    assert shown.box == Box((0, 0, 0), (5, 20, 36)), "as far as it lies in the volume"
    assert boxes(dock) == [shown.box]
    assert told == [str(OTHER), "0:5,0:20,0:36"], "nothing echoes"


def test_the_ends_in_the_plots_move_the_box(qtbot, dock, viewer, find):
    find()
    plots = dock.locate.plots
    qtbot.waitUntil(lambda: len(plots.plots) == 3)
    plots.plots[2].moved.emit(5, 21)
    plots.ranges[0].first.setValue(4)
    moved = Box((4, 2, 5), (9, 18, 21))
    assert boxes(dock) == [moved]
    assert box_layer(viewer).box == moved
    assert dock.choose.box.text() == str(moved)
    dock.workspace.boxes.put(dock.specimens.groups(), OTHER)
    assert [(n.first.value(), n.last.value() + 1) for n in plots.ranges] == [(2, 8), (2, 12), (2, 20)]
    dock.locate.whole.click()
    assert plots.isVisibleTo(dock), "what was found stays known"
    plots.ranges[1].last.setValue(9)
    assert box_layer(viewer).box == Box((0, 0, 0), (10, 10, 36)), "and can be cut from the whole again"


def test_a_typed_box_is_drawn_and_one_outside_is_refused(qtbot, dock, viewer, told):
    dock.choose.box.setFocus()
    qtbot.keyClicks(dock.choose.box, "0:5,0:9,0:9")
    qtbot.keyClick(dock.choose.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: box_layer(viewer).visible)
    dock.choose.box.selectAll()
    qtbot.keyClicks(dock.choose.box, "90:95,0:9,0:9")
    qtbot.keyClick(dock.choose.box, Qt.Key.Key_Return)
    assert "holds no voxel of tomo" in told()[-1]
    assert dock.workspace.boxes.of(dock.specimens.groups()[0]) == Box((0, 0, 0), (5, 9, 9))


@pytest.mark.parametrize("how", ["button", "layer", "text"])
def test_the_whole_volume_counts_again(qtbot, dock, viewer, find, how):
    find()
    if how == "button":
        dock.locate.whole.click()
        assert not viewer.layers["sample map tomo"].visible
    elif how == "layer":
        viewer.layers.remove("sample box tomo")
    else:
        dock.choose.box.clear()
        dock.choose.choice()
    assert boxes(dock) == [None]
    assert dock.choose.box.text() == ""
    assert "sample box tomo" not in viewer.layers
    assert not dock.locate.crop.isEnabled()
    assert "there is no box" in dock.locate.crop.toolTip()


def test_two_specimens_have_a_box_each(two, viewer, find, told):
    find()
    second = Box((2, 2, 3), (9, 18, 33))
    assert boxes(two) == [FOUND, second]
    assert two.choose.box.text() == ""
    assert two.choose.box.placeholderText() == "one box for each specimen"
    assert told() == ["There is no sample in second."]
    panel = two.locate
    viewer.layers.selection.active = box_layer(viewer, "second")
    assert panel.specimen.currentText() == "second"
    assert "45 % sure" in panel.verdict.text()
    assert "⚠ There is no sample in second." in panel.verdict.text()
    two.locate.whole.click()
    assert boxes(two) == [FOUND, None]
    two.choose.box.setText("0:5,0:5,0:5")
    assert boxes(two) == [Box((0, 0, 0), (5, 5, 5))] * 2


def test_the_project_keeps_the_boxes(qtbot, two, viewer, find, train):
    find()
    before = boxes(two)
    train()
    project = two.model.project
    assert [record.box for record in project.records] == before
    assert two.workspace.learning.is_at_hand(two.choose.choice())
    viewer.layers.clear()
    two.model.project = None
    assert two.workspace.boxes.items() == []
    two.workspace.projects.open(project.path)
    qtbot.waitUntil(lambda: two.model.project is not None)
    assert boxes(two) == before
    assert {"sample box tomo", "sample box second"} <= {layer.name for layer in viewer.layers}


def test_while_looking_everything_else_waits_and_says_why(qtbot, looking):
    panel = looking.locate
    assert not panel.search.isEnabled()
    assert panel.job.stop.isEnabled()
    assert panel.job.cancel.isEnabled()
    for control in (looking.learn.train, looking.choose.layers, panel.whole, panel.crop):
        assert "the sample is being looked for" in control.toolTip()
    assert panel.job.progress.bar.maximum() > 0
    assert "42 s left" in panel.job.progress.status.text()
    panel.job.stop.click()
    assert not panel.job.stop.isEnabled()
    rest(qtbot, looking)
    assert boxes(looking) == [FOUND], "stopping keeps what was learned"
    assert panel.search.isEnabled()
    assert not panel.job.cancel.isEnabled()


def test_while_learning_no_sample_is_looked_for(learning):
    assert not learning.locate.search.isEnabled()
    assert "learning is under way" in learning.locate.search.toolTip()


def test_cancelling_leaves_picture_and_disk(qtbot, looking, viewer, tmp_path):
    looking.locate.job.cancel.click()
    assert not looking.locate.job.cancel.isEnabled()
    rest(qtbot, looking)
    assert [layer.name for layer in viewer.layers] == ["tomo"]
    qtbot.waitUntil(lambda: not list((tmp_path / "kept").iterdir()), timeout=PATIENCE)


def test_cancelling_before_the_job_has_begun(qtbot, dock, viewer, find):
    dock.locate.search.click()
    dock.locate.job.cancel.click()
    assert "it is being ended" in dock.locate.job.cancel.toolTip()
    rest(qtbot, dock)
    assert [layer.name for layer in viewer.layers] == ["tomo"]
    assert not dock.activity.runner.busy


def test_a_failure_is_one_sentence_and_loses_nothing(qtbot, dock, viewer, find, told, tmp_path):
    find()
    set_steps(dock, 3, seed=13)
    find()
    assert told() == ["The scan is unlucky; choose another seed."]
    assert boxes(dock) == [FOUND]
    assert box_layer(viewer).visible
    assert dock.locate.search.isEnabled()
    qtbot.waitUntil(lambda: not list((tmp_path / "kept").iterdir()), timeout=PATIENCE)


def test_a_volume_that_leaves_takes_its_box_with_it(qtbot, dock, viewer, find):
    find()
    viewer.layers.remove("tomo")
    qtbot.waitUntil(lambda: len(viewer.layers) == 0)
    assert dock.workspace.locating.proposals == {}
    assert "no volume is ticked" in dock.locate.search.toolTip()


def test_cropping_says_before_and_after_what_it_saves(qtbot, dock, viewer, find, told, tmp_path):
    viewer.layers["tomo"].metadata["hypseg_source"] = ()
    find()
    dock.locate.crop.click()
    dialog = dock.dialog
    assert dialog.path.text().endswith("tomo_crop.mrc")
    assert "8×16×30 voxels" in dialog.expected.text()
    assert "1.9 times smaller" in dialog.expected.text()
    dock.workspace.boxes.put(dock.specimens.groups(), OTHER)
    assert "6×10×18 voxels" in dialog.expected.text()
    target = tmp_path / "small.tif"
    dialog.format.setCurrentIndex(dialog.format.findText("TIFF", Qt.MatchFlag.MatchContains))
    dialog.path.setText(str(target))
    dialog.write.click()
    assert "a cropped volume is being written" in dock.learn.train.toolTip()
    rest(qtbot, dock)
    assert target.read_text() == f"tomo {OTHER} tiff"
    assert told()[-1] == "Saved 1.52 GB: 2.00 GB became 0.48 GB (4.2 times smaller)."
    assert str(target) in dialog.job.progress.status.text()
    assert dialog.reveal.isEnabled()
    qtbot.waitUntil(lambda: not list((tmp_path / "kept").iterdir()), timeout=PATIENCE)


def test_the_crop_goes_beside_the_file_in_its_format(two, viewer, find, tmp_path):
    find()
    viewer.layers["second"].metadata["hypseg_source"] = (str(tmp_path / "second.nii.gz"),)
    viewer.layers.selection.active = viewer.layers["second"]
    two.locate.crop.click()
    assert two.dialog.specimen.currentText() == "second"
    assert two.dialog.path.text() == str(tmp_path / "second_crop.nii.gz")
    two.locate.whole.click()
    assert not two.dialog.write.isEnabled()
    assert "taken away" in two.dialog.write.toolTip()


def test_the_keyboard_alone_finds_the_sample(qtbot, dock, find):
    dock.locate.search.setFocus()
    qtbot.keyClick(dock.locate.search, Qt.Key.Key_Space)
    rest(qtbot, dock)
    assert boxes(dock) == [FOUND]


def test_the_form_has_every_setting_and_every_localizer(qtbot, dock):
    from napari_hypseg.methods.registry import localizers
    from napari_hypseg.pipeline.locate_settings import LocateSettings

    set_steps(dock, 7)
    form = dock.locate.form
    assert set(form.values()) == set(LocateSettings.model_fields)
    choice_box = form.shared.editors["method"].widget
    assert [choice_box.itemData(row) for row in range(choice_box.count())] == list(localizers())
    assert form.values()["method"] == "sorting"
    assert form.values()["model"]["steps"] == 7
    form.shared.editors["method"].set("rotation")
    assert set(form.values()["model"]) == set(localizers()["rotation"].settings.model_fields)
    assert form.own.isVisibleTo(form)


def test_sentences():
    flat = np.zeros((1, 1, 1), np.float32)
    proposal = Proposal(FOUND, 0.954, "fake", flat, (1, 1, 1), (flat[0, 0],) * 3, ("It touches the border.",))
    said = verdict(proposal, FOUND, SHAPE)
    assert said == "95 % sure: 8×16×30 voxels (z, y, x), 53 % of the volume\n⚠ It touches the border."
    assert verdict(proposal, OTHER, SHAPE) == "Set by hand: 6×10×18 voxels (z, y, x), 15 % of the volume"
    assert verdict(proposal, None, SHAPE) == "No box: 10×20×36 voxels (z, y, x), 100 % of the volume"
    assert expectation((8, 8, 8), 480_000_000, 2_000_000_000) == (
        "8×8×8 voxels (z, y, x), 0.48 GB instead of 2.00 GB: 4.2 times smaller, saves 1.52 GB."
    )
