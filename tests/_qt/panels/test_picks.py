"""Particles that another program has picked, in the window: of a volume without a project, and of a project."""

from pathlib import Path

import numpy as np
import pytest
from napari.layers import Image, Points
from qtpy.QtCore import Qt

from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.particles.particle_files import read_particles, write_particles
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.structures.leaf_ranges import to_ranges

PATIENCE = 60_000
GRID = TomogramGrid("tomo", (10, 20, 36), (8.0, 8.0, 8.0), "angstrom")
PLACES = np.array([[5.0, 10.0, 12.0], [4.0, 8.0, 20.0], [6.0, 12.0, 30.0]])


def star(path, places=PLACES, grid=GRID):
    write_particles(path, ParticleSet(grid, places))
    return path


@pytest.fixture
def panel(dock):
    yield dock.particles
    if dock.particles.parent() is not None:
        dock.particles.parent().setFloating(False)
    dock.particles.hide()


@pytest.fixture
def open_picks(qtbot, dock, panel):
    """Function that opens a file, as the menu of the first step does, and waits until its particles are there."""

    def press(path, box=0):
        dock.choose.picks.trigger()
        dialog, particles = dock.picks_dialog, dock.workspace.particles
        dialog.path.setText(str(path))
        dialog.box.setValue(box)
        dialog.read.click()
        qtbot.waitUntil(lambda: not dialog.problem.isHidden() or not dialog.isVisible(), timeout=PATIENCE)
        if not dialog.isVisible():
            panel.show()
            qtbot.waitUntil(lambda: particles.ready, timeout=PATIENCE)
        return dialog.problem.text()

    return press


def test_picks_of_a_volume_without_a_project_are_shown_cleaned_and_written(
    qtbot, dock, viewer, panel, open_picks, told, tmp_path
):
    assert open_picks(star(tmp_path / "theirs.star"), box=10) == ""
    particles = dock.workspace.particles
    assert panel.count.text() == "3 particles of theirs"
    assert panel.form.structure.currentText() == "theirs.star (file)"
    assert not panel.form.picking.editors["spacing"].widget.isEnabled()
    assert dock.model.project is None
    (points,) = (layer for layer in viewer.layers if isinstance(layer, Points))
    np.testing.assert_allclose(points.data, PLACES, atol=1e-3)
    np.testing.assert_allclose(points.scale, viewer.layers["tomo"].scale)
    gallery = panel.gallery
    assert gallery.box.value() == 10
    qtbot.waitUntil(lambda: all(gallery.pictures.picture(n) is not None for n in range(3)), timeout=PATIENCE)
    gallery.view.choose(np.array([1]))
    qtbot.keyClick(gallery.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: particles.ready, timeout=PATIENCE)
    assert panel.count.text() == "2 particles of theirs"
    assert "1 of the 3 particles is marked as junk" in panel.details.text()
    qtbot.keyClick(gallery.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not gallery.junk.any()
    qtbot.keyClick(gallery.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert gallery.junk.tolist() == [False, True, False]
    qtbot.waitUntil(lambda: particles.ready, timeout=PATIENCE)
    panel.export.click()
    assert Path(dock.dialog.path.text()) == tmp_path / "tomo-theirs.star"
    dock.dialog.path.setText(str(tmp_path / "good.star"))
    dock.dialog.write.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    np.testing.assert_allclose(read_particles(tmp_path / "good.star", GRID).particles.positions, PLACES[[0, 2]])
    dock.dialog.close()
    gallery.classify.click()
    dock.classify_dialog.start.click()
    qtbot.waitUntil(lambda: gallery.sorted is not None, timeout=PATIENCE)
    panel.live.setChecked(False)
    qtbot.keyClick(gallery.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not gallery.junk.any()
    assert not panel.export.isEnabled()
    qtbot.waitUntil(panel.export.isEnabled, timeout=PATIENCE)
    assert panel.count.text() == "3 particles of theirs"
    assert told() == []


@pytest.mark.parametrize(
    ("name", "grid", "places", "words"),
    [
        ("a.star", TomogramGrid("TS_07", (10, 20, 36), (8.0,) * 3, "angstrom"), PLACES, "The field Tomogram is for"),
        ("b.star", GRID, 100 * PLACES, "lie outside tomo"),
        ("c.txt", None, None, "let the name end in .star"),
        ("d.csv", None, None, "has no columns z, y and x"),
        ("gone.star", None, None, "gone.star"),
    ],
)
def test_what_does_not_fit_is_said_where_it_can_be_put_right(
    dock, panel, open_picks, told, tmp_path, name, grid, places, words
):
    path = tmp_path / name
    if grid is not None:
        star(path, places, grid)
    elif not name.startswith("gone"):
        path.write_text("a,b\n1,2\n")
    assert words in open_picks(path)
    assert dock.picks_dialog.isVisible()
    assert list(dock.workspace.particles.picks.files) == []
    assert panel.form.structure.count() == 0
    assert told() == []
    dock.picks_dialog.close()


def test_other_pixels_and_duplicates_are_told_beside_the_count(dock, panel, open_picks, tmp_path):
    twice = np.concatenate([PLACES, PLACES[:1], [[5.0, 10.0, 90.0]]])
    grid = TomogramGrid("tomo", (20, 40, 72), (4.0, 4.0, 4.0), "angstrom")
    write_particles(tmp_path / "fine.star", ParticleSet(grid, 2 * twice), format_name="relion4")
    assert open_picks(tmp_path / "fine.star") == ""
    words = panel.details.text()
    assert panel.count.text() == "3 particles of fine"
    for told in ("positions were scaled by 0.5", "1 of the 5 particles", "more than once"):
        assert told in words


def test_picks_of_a_project_are_counted_on_its_structures(qtbot, dock, viewer, panel, older, open_picks, tmp_path):
    project = Project.open(older.path, write=True)
    ranges = to_ranges(np.array([7, 8, 9]))
    project.structures.do(MakeStructure(name="cell", colour=(1.0, 0.5, 0.0), leaves=ranges, tree=PARTS))
    project.close()
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    (tmp_path / "theirs.csv").write_text("z,y,x\n3,6,15\n3,6,2\n")
    assert open_picks(tmp_path / "theirs.csv") == ""
    assert panel.found.project is dock.model.project
    panel.form.parent_structure.setCurrentIndex(panel.form.parent_structure.findText("cell"))
    particles = dock.workspace.particles
    qtbot.waitUntil(lambda: particles.wanted.parent == "cell" and particles.ready, timeout=PATIENCE)
    assert panel.rows.shown()["particles"].tolist() == [1]
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("cell"))
    qtbot.waitUntil(lambda: particles.wanted.structure == "cell" and particles.ready, timeout=PATIENCE)
    assert panel.count.text() == "1 particle of cell"
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("theirs.csv (file)"))
    qtbot.waitUntil(lambda: particles.ready and bool(particles.found.choice.picks), timeout=PATIENCE)
    dock.model.project_changed.emit()
    assert particles.found is None
    qtbot.waitUntil(lambda: particles.ready, timeout=PATIENCE)
    assert panel.count.text() == "2 particles of theirs"
    assert [layer.name for layer in viewer.layers if isinstance(layer, Image)] == ["older"]
