"""The journey in a real window with the real jobs, on volumes so small that learning takes seconds."""

import numpy as np
import pytest

from napari_hypseg.errors import HypsegError
from napari_hypseg.io import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.volumes.phantom import phantom

pytestmark = pytest.mark.slow
PATIENCE = 120_000
QUICK = {"steps": 2, "crop": 16, "width": 4, "leaves": 12}


@pytest.fixture
def window(make_napari_viewer, tmp_path):
    """Function that opens a window with an array in it and the dock beside it, set to learn quickly."""
    docks = []

    def open_window(grey, **settings):
        from napari_hypseg._qt.dock import HypsegDock

        viewer = make_napari_viewer()
        viewer.add_image(grey, name="cell", scale=(10, 10, 10), translate=(5, 0, 0), units=("angstrom",) * 3)
        dock = HypsegDock(viewer)
        viewer.window.add_dock_widget(dock, name="Hypseg")
        dock.specimens.set_project_folder(tmp_path / "cell.hypseg")
        for name, value in {**QUICK, **settings}.items():
            _editor(dock, name).set(value)
        docks.append(dock)
        return viewer, dock

    yield open_window
    for dock in docks:
        dock.workspace.shut_down()


def _editor(dock, name):
    forms = [form for forms in dock.learn.form.forms.values() for form in forms]
    return next(form.editors[name] for form in forms if name in form.editors)


def _train(qtbot, dock):
    dock.learn.train.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)


def test_train_slide_keep_export_and_open_again(qtbot, window, tmp_path):
    viewer, dock = window(np.asarray(phantom(seed=1).volume.channels[0]))
    _train(qtbot, dock)
    dock.explore.slider.setValue(5)
    dock.explore.name.setText("five")
    dock.explore.keep.click()
    dock.explore.slider.setValue(3)
    dock.explore.export.click()
    dock.dialog.level.setCurrentIndex(1)
    dock.dialog.path.setText(str(tmp_path / "five.mrc"))
    dock.dialog.write.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)

    project = Project.open(tmp_path / "cell.hypseg")
    written = open_volume(tmp_path / "five.mrc")
    np.testing.assert_array_equal(written.channels[0][:], project.label_image(project.level("five")).data[:, :, :])
    assert (written.voxel_size, written.origin, written.unit) == ((10, 10, 10), (5, 0, 0), "angstrom")
    (again,) = viewer.open(tmp_path / "five.mrc", plugin="napari-hypseg")
    np.testing.assert_allclose(again.scale, viewer.layers["five"].scale)
    np.testing.assert_allclose(again.translate, viewer.layers["five"].translate)


def test_what_was_learned_is_drawn_by_the_real_jobs(qtbot, window, told, tmp_path):
    viewer, dock = window(np.asarray(phantom((24, 26, 28), seed=1).volume.channels[0]), width=16, steps=40)
    _train(qtbot, dock)
    panel = dock.explore.latent_views
    for row, name in enumerate(("denoised", "latent component 3", "regions as learned")):
        panel.picture.setCurrentIndex(row)
        panel.show_button.click()
        qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
        qtbot.waitUntil(lambda name=name: name in viewer.layers, timeout=PATIENCE)
        np.testing.assert_allclose(viewer.layers[name].translate, (5, 0, 0))
    assert [layer.name for layer in viewer.layers][-1] == "regions"
    assert np.asarray(viewer.layers["denoised"].data[:]).std() > 0
    panel.count.setValue(64)
    panel.picture.setCurrentIndex(1)
    panel.show_button.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert "latent components, not 64" in told()[-1]


@pytest.mark.parametrize(
    ("grey", "words"),
    [
        (np.ones((20, 20, 20), np.float32), "nothing to learn"),
        (np.full((20, 20, 20), np.nan, np.float32), "no voxel is a finite number"),
    ],
    ids=["constant", "all NaN"],
)
def test_bad_input_is_one_sentence_and_the_dock_goes_on(qtbot, window, told, grey, words):
    viewer, dock = window(grey)
    _train(qtbot, dock)
    sentences = [str(sentence) for sentence in told()]
    assert sum(words in sentence for sentence in sentences) == 1
    assert not any("Traceback" in sentence or HypsegError.__name__ in sentence for sentence in sentences)
    assert dock.learn.train.isEnabled()
    assert "cell" in viewer.layers


def test_a_tiny_volume_has_fewer_leaves_and_says_so(qtbot, window, told):
    grey = np.random.default_rng(0).normal(size=(5, 6, 7)).astype(np.float32)
    viewer, dock = window(grey, leaves=1000)
    _train(qtbot, dock)
    found = dock.model.project.hierarchy.n_leaves
    assert found < 210
    assert any(f"There are {found} leaves, not 1000" in str(sentence) for sentence in told())
    assert "regions" in viewer.layers


def test_a_box_is_cropped_to_a_file_that_opens_at_its_place(qtbot, window, told, tmp_path):
    grey = np.random.default_rng(0).normal(size=(20, 24, 30)).astype(np.float32)
    _, dock = window(grey)
    dock.choose.box.setText("2:12,4:20,6:30")
    dock.choose.choice()
    dock.locate.crop.click()
    dock.dialog.path.setText(str(tmp_path / "cell_crop.mrc"))
    dock.dialog.write.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    written = open_volume(tmp_path / "cell_crop.mrc")
    np.testing.assert_array_equal(written.channels[0][:], grey[2:12, 4:20, 6:30])
    assert (written.voxel_size, written.origin) == ((10, 10, 10), (25, 40, 60))
    assert told()[-1].startswith("Saved ")
    assert "times smaller" in told()[-1]


def test_first_regions_are_named_while_learning_and_carried_over(qtbot, window, told):
    viewer, dock = window(np.asarray(phantom((24, 26, 28), seed=1).volume.channels[0]), steps=40)
    dock.learn.train.click()
    qtbot.waitUntil(lambda: dock.model.from_filters and not dock.first.learning.isHidden(), timeout=PATIENCE)
    dock.model.structures.do(MakeStructure(name="core", colour=(1.0, 0.0, 0.0), leaves="0-3"))
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert not dock.model.from_filters
    assert [one.name for one in dock.model.annotation.structures.values()] == ["core"]
    assert any("1 structure carried over" in sentence for sentence in told())
    assert np.asarray(viewer.layers["regions"].data[12]).any()
