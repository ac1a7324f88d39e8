"""A project that another program has open for writing is shown, and what would change it is off and says why."""

from napari_hypseg.project.project import Project

PATIENCE = 30_000


def test_what_would_write_is_off_and_says_why(qtbot, dock, viewer, older, told):
    other = Project.open(older.path, write=True, what="another window")
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    assert dock.model.project.read_only
    assert any("open for writing" in sentence for sentence in told())
    explore = dock.explore
    for control in (explore.keep, explore.name, explore.levels.rename, explore.levels.remove):
        assert not control.isEnabled()
        assert "open for writing" in control.toolTip()
    learn = dock.learn
    dock.specimens.set_project_folder(older.path)
    for control in (learn.train, learn.learn_on, learn.segment):
        assert not control.isEnabled()
        assert "open for writing" in control.toolTip()
    dock.specimens.set_project_folder(older.path.with_name("other.hypseg"))
    assert learn.train.isEnabled()
    assert explore.slider.isEnabled()
    explore.slider.setValue(3)
    qtbot.waitUntil(lambda: dock.model.project.n_regions == 3)
    dock.workspace.levels.save()
    assert Project.open(older.path).n_regions == 5
    assert [level.name for level in other.levels] == ["coarse"]


def test_closing_lets_others_write(qtbot, dock, viewer, older):
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    assert Project.open(older.path, write=True).read_only
    dock.workspace.shut_down()
    assert not Project.open(older.path, write=True).read_only
