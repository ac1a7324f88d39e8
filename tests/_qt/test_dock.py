import os
import subprocess
import sys

import numpy as np
import pytest
from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QListWidget

from napari_hypseg._napari.layer_sync import leaf_table
from napari_hypseg._qt.dialogs.project_questions import OverwriteChoice
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure

PATIENCE = 30_000
OPENING = """
import sys, napari
viewer = napari.Viewer(show=False)
viewer.window.add_plugin_dock_widget("napari-hypseg", "Hypseg")
print([name for name in ("torch", "zarr", "pyqtgraph") if name in sys.modules])
viewer.close()
"""


@pytest.fixture
def viewer(hidden_window):
    return hidden_window


def names(viewer):
    return [layer.name for layer in viewer.layers]


def editor(dock, name):
    forms = [form for forms in dock.learn.form.forms.values() for form in forms]
    return next(form.editors[name] for form in forms if name in form.editors)


def test_opening_the_dock_loads_nothing_heavy():
    words = [sys.executable, "-W", "ignore", "-c", OPENING]
    done = subprocess.run(words, capture_output=True, text=True, env=dict(os.environ), check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_from_volume_to_regions(dock, viewer, train, told):
    train()
    assert names(viewer) == ["tomo", "regions"]
    assert dock.model.project.has_checkpoint is False
    assert dock.explore.slider.isEnabled()
    np.testing.assert_allclose(viewer.layers["regions"].scale, (8, 8, 8))
    assert viewer.layers["regions"].units == viewer.layers["tomo"].units
    assert any("kept in" in sentence for sentence in told())
    assert not dock.steps[0].expanded
    assert dock.steps[3].expanded


def test_the_slider_changes_pixels_and_settings_on_disk(qtbot, dock, viewer, train):
    viewer.show()
    train()
    viewer.layers["tomo"].visible = False
    pictures = {}
    for regions in (2, 7):
        dock.explore.slider.setValue(regions)
        qtbot.waitUntil(lambda regions=regions: dock.model.project.n_regions == regions)
        picture = viewer.screenshot(canvas_only=True, flash=False)
        pictures[regions] = len(np.unique(picture[picture[..., :3].any(axis=-1)], axis=0))
    assert pictures[2] < pictures[7]
    table = leaf_table(viewer.layers["regions"])
    tree = dock.model.project.hierarchy
    np.testing.assert_array_equal(table.regions, lookup(tree, cut_at(tree, 7)))
    path = dock.model.project.path
    qtbot.waitUntil(lambda: Project.open(path).n_regions == 7, timeout=PATIENCE)


def test_the_number_reaches_every_leaf_and_the_slider_follows(qtbot, dock, train):
    train()
    assert dock.explore.number.maximum() == 12
    dock.explore.number.setValue(11)
    assert dock.explore.slider.value() == 11
    qtbot.waitUntil(lambda: dock.model.project.n_regions == 11)


def test_hovering_names_the_region(dock, viewer, train):
    train()
    layer = viewer.layers["regions"]
    assert viewer.layers.selection.active is layer
    status = layer.get_status((8.0, 8.0, 8.0), world=True)["value"]
    assert "region" in status


def test_buttons_while_learning(qtbot, learning):
    learn, job = learning.learn, learning.learn.job
    assert not learn.train.isEnabled()
    assert "learning is under way" in learn.train.toolTip()
    assert all(button.isEnabled() for button in (job.pause, job.stop, job.cancel))
    assert [step.expanded for step in learning.steps[:3]] == [False, False, True]
    job.pause.click()
    assert job.pause.text() == "Resume"
    assert job.stop.isEnabled()
    job.pause.click()
    assert job.pause.text() == "Pause"
    job.stop.click()
    assert not job.stop.isEnabled()
    assert job.cancel.isEnabled()
    qtbot.waitUntil(lambda: learning.activity.kind is None, timeout=PATIENCE)
    assert learning.model.project.hierarchy is not None, "stopping keeps what was learned"
    assert learn.train.isEnabled()
    assert not job.pause.isEnabled()


def test_learning_shows_curve_progress_and_preview(qtbot, learning, viewer):
    viewer.dims.set_current_step(0, 4)
    (preview,) = learning.workspace.view.regions()
    qtbot.waitUntil(lambda: np.asarray(preview.data)[4].max() == 3, timeout=PATIENCE)
    assert preview.name == "regions (preview)"
    assert np.asarray(preview.data)[3].max() == 0, "only the slice in view"
    np.testing.assert_allclose(preview.scale, (8, 8, 8))
    assert viewer.layers.selection.active is preview
    assert "42 s left" in learning.learn.job.progress.status.text()
    qtbot.waitUntil(lambda: learning.learn.curve.plot is not None, timeout=PATIENCE)
    assert len(learning.learn.curve.plot.values()) > 0
    learning.learn.preview.setChecked(False)
    assert names(viewer) == ["tomo"]


def test_cancelling_before_anything_was_learned_leaves_nothing(qtbot, learning, viewer):
    path = learning.model.project.path
    assert path.exists()
    learning.learn.job.cancel.click()
    qtbot.waitUntil(lambda: learning.activity.kind is None, timeout=PATIENCE)
    assert names(viewer) == ["tomo"]
    assert learning.model.project is None
    assert not path.exists()
    assert not learning.explore.slider.isEnabled()
    assert learning.learn.train.isEnabled()
    assert learning.specimens.project_folder.name == "tomo.hypseg"


def test_a_run_that_fails_leaves_no_folder_but_what_is_somebody_elses(dock, train, tmp_path):
    editor(dock, "seed").set(13)
    train()
    assert list(tmp_path.glob("*.hypseg")) == []
    editor(dock, "seed").set(0)
    train()
    assert dock.model.project.hierarchy is not None, "the next run may take the same name"


def test_cancelling_a_second_run_brings_the_regions_back(qtbot, dock, viewer, train):
    train()
    editor(dock, "steps").set(None)
    dock.learn.train.click()
    regions = viewer.layers["regions"]
    qtbot.waitUntil(lambda: regions.name == "regions (preview)", timeout=PATIENCE)
    dock.learn.job.cancel.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert viewer.layers["regions"] is regions
    assert leaf_table(regions).regions.max() == dock.model.project.n_regions
    assert np.asarray(regions.data).max() == 12


def test_learning_again_in_the_same_project_asks_nothing(dock, viewer, train, monkeypatch):
    monkeypatch.setattr("napari_hypseg._qt.dock.ask_overwrite", lambda *_: pytest.fail("it asked"))
    train()
    dock.workspace.levels.keep("mine")
    train()
    assert sorted(names(viewer)) == ["mine", "regions", "tomo"]


def test_an_error_is_one_sentence(dock, train, told):
    editor(dock, "seed").set(13)
    train()
    assert told()[-1] == "The specimen is unlucky; choose another seed."
    assert dock.learn.train.isEnabled()


def test_a_choice_that_cannot_be_is_told(dock, train, told):
    dock.choose.box.setText("nonsense")
    train()
    assert "z0:z1,y0:y1,x0:x1" in told()[-1]
    assert dock.model.project is None


@pytest.mark.parametrize(
    ("answer", "specimens", "path"),
    [
        (OverwriteChoice.OVERWRITE, ["tomo"], "tomo.hypseg"),
        (OverwriteChoice.RENAME, ["tomo"], "tomo-2.hypseg"),
        (OverwriteChoice.CANCEL, None, None),
        (OverwriteChoice.OPEN, ["older"], "tomo.hypseg"),
    ],
)
def test_an_existing_project_asks(qtbot, dock, train, older, monkeypatch, answer, specimens, path):
    monkeypatch.setattr("napari_hypseg._qt.dock.ask_overwrite", lambda *_: answer)
    train()
    if specimens is None:
        assert dock.model.project is None
        return
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    assert [record.name for record in dock.model.project.records] == specimens
    assert dock.model.project.path.name == path
    assert [record.name for record in Project.open(older.path).records] == (
        ["tomo"] if answer is OverwriteChoice.OVERWRITE else ["older"]
    )


def test_a_project_opened_by_napari_is_taken_up_as_left(qtbot, dock, viewer, older):
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    assert dock.explore.number.value() == 5
    assert dock.explore.levels.names() == ["coarse"]
    assert dock.specimens.ticked == [viewer.layers["older"]]
    assert dock.specimens.project_folder == older.path
    assert editor(dock, "seed").get() == 7
    assert "21 s on cpu" in dock.steps[2].summary


def test_a_project_that_was_there_before_the_dock(qtbot, viewer, fakes, older):
    from napari_hypseg._qt.dock import HypsegDock

    viewer.open(older.path, plugin="napari-hypseg")
    dock = HypsegDock(viewer, fakes)
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    assert dock.explore.number.value() == 5
    assert not dock.steps[0].expanded
    dock.workspace.shut_down()
    dock.close()


def test_closing_the_dock_ends_the_work(qtbot, learning, viewer):
    runner = learning.activity.runner
    viewer.window.remove_dock_widget(learning)
    qtbot.waitUntil(lambda: not runner.busy, timeout=PATIENCE)
    viewer.layers.clear()  # whatever comes later must not reach the dock


def test_every_control_says_what_it_does(dock):
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider, QListWidget)
    panels = (dock.choose, dock.locate, dock.learn, dock.explore)
    for control in (c for panel in panels for kind in kinds for c in panel.findChildren(kind)):
        if control.objectName().startswith(("qt_", "ScrollBar")) or not control.isVisibleTo(dock):
            continue
        if isinstance(control, QAbstractSlider) and control.objectName() == "" and control.parent().objectName():
            continue
        assert control.toolTip(), f"{type(control).__name__} {control.accessibleName()} has no tooltip"
        if not control.isEnabled() and control.property("explanation"):
            assert "Not now" in control.toolTip() or not control.parent().isEnabled()


def test_it_fits_beside_the_picture(dock):
    assert dock.minimumSizeHint().width() <= 380
    content = dock.choose.parentWidget().parentWidget()
    assert content.minimumSizeHint().width() <= 380


def test_the_keyboard_alone_moves_the_slider(qtbot, dock, train):
    train()
    before = dock.explore.slider.value()
    dock.explore.slider.setFocus()
    qtbot.keyClick(dock.explore.slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: dock.model.project.n_regions == before + 1)


def test_what_is_gone_is_not_left_again(dock):
    """A window that is destroyed deletes timers before it says so."""
    dock.workspace.leave()
    for timer in dock.workspace.pieces.findChildren(QTimer):
        timer.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    dock.workspace.shut_down()


def test_train_waits_for_a_file_that_the_method_needs(dock):
    form = dock.learn.form
    form.method.setCurrentIndex(form.method.findData("anatomical"))
    assert not dock.learn.train.isEnabled()
    assert "prior" in dock.learn.note.text()
    form.forms["model"][0].editors["prior"].set("/data/brain.hypprior")
    assert dock.learn.train.isEnabled()
    assert not dock.learn.note.text()


def test_structures_that_a_method_knows_are_listed_and_shown_in_pieces(dock, train, monkeypatch):
    def name(project):
        for number in range(3):
            edit = MakeStructure(name=f"s{number}", colour=(1.0, 0.0, 0.0), leaves=str(number))
            project.structures.do(edit)
        return 3

    monkeypatch.setattr("napari_hypseg.pipeline.name_regions.name_regions", name)
    train()
    assert dock.structures.tree.topLevelItemCount() == 3
    shown = dock.explore.number.value()
    assert shown == dock.model.project.n_regions == min(24, dock.model.tree.n_leaves)
    assert shown > 8
