"""A project whose volume has been moved: found again with the mouse."""

import numpy as np
import pytest
import tifffile
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_hypseg.io import open_volume
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen

PATIENCE = 30_000


@pytest.fixture
def moved(tmp_path, fakes):
    """A segmented project, and where the volume it was made from lies now under another name."""
    from fake_project_jobs import segment

    grey = np.random.default_rng(1).normal(size=(6, 12, 24)).astype(np.float32)
    source, new = tmp_path / "before" / "cell.tif", tmp_path / "after" / "renamed.tif"
    for folder in (source.parent, new.parent):
        folder.mkdir()
    tifffile.imwrite(source, grey)
    project = Project.create(tmp_path / "cell.hypseg", [Specimen(open_volume(source))], RunSettings())
    quietly(segment(None, project.path))
    project.close()
    source.rename(new)
    return project.path, new


def question(dock, qtbot, viewer, path):
    viewer.layers.clear()
    viewer.open(path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.question is not None, timeout=PATIENCE)
    return {button.text(): button for button in dock.question.buttons()}


def test_a_moved_volume_is_located_and_the_project_opened_with_it(qtbot, dock, viewer, moved, monkeypatch):
    path, new = moved
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(new), ""))
    buttons = question(dock, qtbot, viewer, path)
    assert [layer.name for layer in viewer.layers] == ["regions"]
    assert "cell.tif is missing" in dock.question.text()
    qtbot.mouseClick(buttons["Relink…"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2 and dock.model.project is not None, timeout=PATIENCE)
    assert new.samefile(path / dock.model.project.records[0].files[0].path)
    assert dock.activity.kind is None


@pytest.mark.parametrize("answer", ["Not now", "another volume"])
def test_what_is_not_located_leaves_the_regions_as_they_are(qtbot, dock, viewer, moved, monkeypatch, told, answer):
    path, new = moved
    tifffile.imwrite(new.with_name("other.tif"), np.ones((6, 12, 24), np.float32))
    new.rename(new.with_suffix(".away"))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(new.with_name("other.tif")), ""))
    buttons = question(dock, qtbot, viewer, path)
    button = buttons["Not now"] if answer == "Not now" else buttons["Relink…"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    if answer != "Not now":
        qtbot.waitUntil(lambda: any("cannot be found there, or holds other voxels" in text for text in told()))
    qtbot.waitUntil(lambda: dock.activity.kind is None)
    assert [layer.name for layer in viewer.layers] == ["regions"]
    assert dock.model.project.path == path
