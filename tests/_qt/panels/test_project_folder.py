"""Saving the project under another name, and opening one of those that were open last."""

import shutil

import pytest

from napari_hypseg.project.project import Project
from napari_hypseg.project.recent_projects import RecentProjects
from napari_hypseg.project.records import PARTS
from napari_hypseg.structures.edits import MakeStructure

PATIENCE = 60_000
SHELL = MakeStructure(name="shell", colour=(1.0, 0.5, 0.0), leaves="2-3", tree=PARTS)
CHOOSING = "napari_hypseg._qt.panels.project_folder"


@pytest.fixture
def opened(qtbot, dock, viewer, older):
    RecentProjects().clear()
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    return dock


@pytest.fixture
def save_as(qtbot, opened, monkeypatch):
    """Function that chooses a folder for a copy and waits until it is there."""

    def press(path, replace=None):
        monkeypatch.setattr(f"{CHOOSING}.QFileDialog.getSaveFileName", lambda *_, **__: (str(path), ""))
        monkeypatch.setattr(
            "napari_hypseg._qt.dock.ask_replace", lambda *_: pytest.fail("it asked") if replace is None else replace
        )
        opened.choose.folder.save_as.click()
        qtbot.waitUntil(lambda: opened.activity.kind is None, timeout=PATIENCE)
        qtbot.waitUntil(lambda: opened.model.project is not None, timeout=PATIENCE)

    return press


def test_the_work_goes_on_in_the_copy_and_the_picture_stays(opened, viewer, save_as, tmp_path, told):
    original, target = opened.model.project.path, tmp_path / "elsewhere" / "copy.hypseg"
    opened.model.structures.do(SHELL)
    viewer.layers["older"].contrast_limits = (-0.5, 0.75)
    opened.explore.number.setValue(7)
    names = [layer.name for layer in viewer.layers]
    save_as(target.with_suffix(""))
    assert opened.model.project.path == target
    assert [layer.name for layer in viewer.layers] == names
    assert tuple(viewer.layers["older"].contrast_limits) == (-0.5, 0.75)
    assert (len(opened.model.cut.nodes), opened.model.annotation.structure("shell").id) == (7, 1)
    assert opened.specimens.project_folder == target
    assert "copy.hypseg" in opened.steps[3].summary
    shutil.rmtree(original)
    opened.model.structures.undo()
    assert told() == []


def test_an_edit_made_while_it_is_copied_is_in_both(qtbot, opened, tmp_path):
    original, target = opened.model.project.path, tmp_path / "copy.hypseg"
    opened.workspace.saving.save(target, overwrite=False)
    assert not opened.choose.folder.save_as.isEnabled()
    assert not opened.choose.folder.job.isHidden()
    opened.model.structures.do(SHELL)
    qtbot.waitUntil(lambda: opened.model.project is not None and opened.model.project.path == target, timeout=PATIENCE)
    assert opened.choose.folder.job.isHidden()
    for path in (original, target):
        assert [one.name for one in Project.open(path).structures.annotation.structures.values()] == ["shell"]


def test_a_project_in_the_way_is_asked_about_and_anything_else_refused(opened, save_as, older, tmp_path, told):
    original, target = opened.model.project.path, tmp_path / "copy.hypseg"
    save_as(target)
    opened.model.structures.do(SHELL)
    opened.workspace.projects.open(original)
    save_as(target, replace=False)
    assert len(Project.open(target).structures.annotation.structures) == 1
    letters = tmp_path / "letters.hypseg"
    letters.mkdir()
    (letters / "dear.txt").write_text("Dear")
    save_as(letters)
    assert told() == [f"{letters} is in the way and is no hypseg project; choose another name."]


def test_without_a_project_there_is_nothing_to_copy(dock):
    assert not dock.choose.folder.save_as.isEnabled()
    assert "no project is open yet" in dock.choose.folder.save_as.toolTip()


def test_a_recent_project_is_opened_from_the_menu(qtbot, opened, viewer, save_as, tmp_path):
    original, target = opened.model.project.path, tmp_path / "copy.hypseg"
    save_as(target)
    menu = opened.choose.folder.menu
    recent = RecentProjects()
    qtbot.waitUntil(lambda: recent.existing()[:2] == (target, original))
    menu.aboutToShow.emit()
    entries = {entry.text(): entry for entry in menu.actions()}
    assert [text for text in entries if text.endswith(".hypseg")][:2] == [target.name, original.name]
    assert entries[original.name].toolTip() == str(original)
    entries[original.name].trigger()
    qtbot.waitUntil(
        lambda: opened.model.project is not None and opened.model.project.path == original, timeout=PATIENCE
    )
    qtbot.waitUntil(lambda: recent.existing()[:1] == (original,))
    entries["Clear this list"].trigger()
    menu.aboutToShow.emit()
    assert [entry.text() for entry in menu.actions() if not entry.isSeparator()][1:-1] == ["No project was open before"]


def test_after_the_window_has_closed_nobody_is_told_of_a_project(opened):
    opened.workspace.shut_down()
    heard = []
    opened.structures.refresh = lambda: heard.append("refreshed")
    opened.model.project = None
    assert (heard, len(opened.model.project_changed)) == ([], 0)
