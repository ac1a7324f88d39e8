"""Particles from the window: points and axes follow the settings, are counted, and go into a file."""

import numpy as np
import pytest
from napari.layers import Image, Points, Vectors
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg.errors import InputError
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.particles.particle_files import read_particles
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, TakeLeaves
from napari_hypseg.structures.leaf_ranges import to_ranges

PATIENCE = 60_000


@pytest.fixture
def panel(qtbot, dock, viewer, older):
    """The panel, with the structures bars and cell in a volume of (6, 12, 24) voxels, leaves 2 columns wide."""
    project = Project.open(older.path, write=True)
    for name, leaves in (("bars", [1, 5, 6]), ("cell", [7, 8, 9])):
        ranges = to_ranges(np.array(leaves))
        project.structures.do(MakeStructure(name=name, colour=(1.0, 0.5, 0.0), leaves=ranges, tree=PARTS))
    project.close()
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    dock.explore.particles.click()
    panel = dock.particles
    panel.show()
    yield panel
    panel.hide()
    panel.parent().setFloating(False)


@pytest.fixture
def follow(qtbot, dock, panel):
    """Function that waits until what is wanted is there."""

    def wait():
        ready = dock.workspace.particles
        qtbot.waitUntil(lambda: ready.ready or bool(ready.problem), timeout=PATIENCE)

    return wait


def points(viewer):
    return [layer for layer in viewer.layers if isinstance(layer, Points) and layer.name.startswith("particles")]


def test_particles_follow_the_settings_and_the_structure(dock, viewer, panel, follow, told):
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("bars"))
    follow()
    assert panel.count.text() == "2 particles of bars"
    (layer,) = points(viewer)
    assert sorted(layer.data.tolist()) == [[2.5, 5.5, 2.5], [2.5, 5.5, 11.5]]
    assert list(layer.features["id"]) == [1, 2]
    np.testing.assert_allclose((*layer.scale, *layer.translate), (1, 1, 1, 0, 0, 0))
    assert not layer.editable
    assert layer.as_layer_data_tuple()[2] == "points"
    panel.form.picking.editors["min_diameter"].set(7.5)
    follow()
    assert panel.count.text() == "1 particle of bars"
    assert len(points(viewer)[0].data) == 1
    panel.form.picking.editors["min_diameter"].set(70)
    follow()
    assert "None of the 2 particles of bars is 70 or more pixel across" in panel.details.text()
    assert len(points(viewer)[0].data) == 1
    panel.form.picking.editors["min_diameter"].set(0)
    dock.model.project.structures.do(TakeLeaves(structure=1, leaves=to_ranges(np.array([5, 6])), tree=PARTS))
    follow()
    assert panel.count.text() == "1 particle of bars"
    dock.model.project.structures.undo()
    follow()
    assert panel.count.text() == "2 particles of bars"
    assert points(viewer) == [layer], "no layer was taken away: napari would search for garbage"
    assert len(layer.data) == len(layer.features) == len(layer.size) == len(layer.face_color) == 2
    np.testing.assert_allclose(layer.face_color, layer.face_color[:1].repeat(2, axis=0))
    assert not layer.editable
    assert told() == []


def test_points_on_a_surface_have_axes_and_a_spacing_to_begin_with(viewer, panel, follow):
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("cell"))
    panel.form.picking.editors["source"].set("surface")
    assert panel.form.picking.editors["spacing"].get() == 8
    panel.form.picking.editors["spacing"].set(3)
    follow()
    (layer,) = points(viewer)
    (axes,) = (layer for layer in viewer.layers if isinstance(layer, Vectors))
    assert len(layer.data) == len(axes.data) > 3
    np.testing.assert_allclose(axes.data[:, 0], layer.data, atol=1e-5)
    assert not panel.form.picking.editors["min_diameter"].widget.isEnabled()
    axes.visible = False
    panel.form.picking.editors["spacing"].set(2.5)
    follow()
    (axes,) = (layer for layer in viewer.layers if isinstance(layer, Vectors))
    assert not axes.visible
    np.testing.assert_allclose(axes.data[:, 0], points(viewer)[0].data, atol=1e-5)
    panel.form.picking.editors["source"].set("instances")
    follow()
    assert not [layer for layer in viewer.layers if isinstance(layer, Vectors)]


def test_particles_are_counted_on_another_structure_row_by_row(viewer, panel, follow):
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("bars"))
    panel.form.parent_structure.setCurrentIndex(panel.form.parent_structure.findText("cell"))
    follow()
    assert panel.per_parent.isChecked()
    assert panel.rows.shown()["particles"].tolist() == [1]
    assert "1 on none" in panel.details.text()
    panel.per_parent.setChecked(False)
    assert len(panel.rows.shown()) == 2
    panel.table.selectRow(0)
    assert viewer.dims.point[-3:] == pytest.approx((2.5, 5.5, panel.rows.shown()["centroid_x"][0]), abs=0.51)


def test_particles_go_into_a_file_of_any_program(qtbot, dock, panel, follow, tmp_path):
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("bars"))
    follow()
    panel.export.click()
    dialog = dock.dialog
    assert dialog.path.text().endswith("older-bars.star")
    dialog.format.setCurrentIndex(dialog.format.findText("Dynamo table (.tbl)"))
    dialog.path.setText(str(tmp_path / "bars.tbl"))
    dialog.write.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    found = panel.found.counted.particles
    read = read_particles(tmp_path / "bars.tbl", found.grid).particles
    np.testing.assert_allclose(read.positions, found.positions)
    dialog.close()
    panel.write_csv(tmp_path / "rows")
    qtbot.waitUntil((tmp_path / "rows.csv").exists, timeout=PATIENCE)
    assert (tmp_path / "rows.csv").read_text().startswith("id,centroid_z_pixel")


def test_without_structures_nothing_can_be_chosen(dock):
    assert not dock.particles.form.structure.isEnabled()
    assert not dock.particles.export.isEnabled()
    assert not dock.particles.form.picking.editors["spacing"].widget.isEnabled()
    assert "or open picks" in dock.particles.form.structure.toolTip()
    assert dock.explore.particles.isEnabled()


@pytest.fixture
def gallery(qtbot, panel, follow):
    """The gallery of the two bars, with their pictures."""
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("bars"))
    follow()
    panel.page.buttons["gallery"].click()
    rows = panel.gallery.view.rows
    qtbot.waitUntil(lambda: all(panel.gallery.pictures.picture(n) is not None for n in range(2)), timeout=PATIENCE)
    assert rows.rowCount() == 2
    return panel.gallery


def choose(gallery, *particles):
    gallery.view.choose(np.array(particles))


def test_a_gallery_shows_each_particle_and_a_click_flies_there(qtbot, viewer, panel, gallery):
    place = gallery.view.visualRect(gallery.view.rows.index(1)).center()
    qtbot.mouseClick(gallery.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert gallery.view.particles().tolist() == [1]
    np.testing.assert_allclose(viewer.dims.point[-3:], panel.found.everything.world[1], atol=1)
    assert "particle 2" in gallery.view.rows.data(gallery.view.rows.index(1), Qt.ItemDataRole.ToolTipRole)
    qtbot.waitUntil(lambda: gallery.averages.count() == 1, timeout=PATIENCE)
    assert gallery.averages.item(0).text() == "all: 2"


def test_junk_is_crossed_out_left_out_of_counts_and_undone(qtbot, dock, viewer, panel, gallery, follow, told):
    choose(gallery, 0)
    place = tuple(panel.found.everything.positions[0].tolist())
    qtbot.keyClick(gallery.view, Qt.Key.Key_Delete)
    assert gallery.junk.tolist() == [True, False]
    assert dock.model.structures.undo_text == "mark a particle of bars as junk"
    follow()
    assert panel.count.text() == "1 particle of bars"
    assert "1 left out as junk" in panel.details.text()
    assert place not in map(tuple, points(viewer)[0].data.tolist())
    assert gallery.view.rows.rowCount() == 2
    gallery.choice.with_junk.setChecked(False)
    assert gallery.view.rows.rowCount() == 1
    gallery.choice.with_junk.setChecked(True)
    choose(gallery, 0)
    assert gallery.mark.text() == "Keep"
    gallery.mark.click()
    assert not gallery.junk.any()
    follow()
    assert panel.count.text() == "2 particles of bars"
    qtbot.keyClick(gallery.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert gallery.junk.tolist() == [True, False]
    choose(gallery, 0, 1)
    gallery.mark.click()
    assert gallery.junk.all()
    follow()
    assert panel.count.text() == "0 particles of bars"
    assert told() == []


def test_a_table_of_classes_sorts_and_averages(qtbot, tmp_path, monkeypatch, gallery, told):
    head = "particle,class,place,angle_deg,centre_y,centre_x,doubt,elbo"
    (tmp_path / "classes.csv").write_text(f"{head}\n1,2,2,90,0,0,0.5,-1\n2,1,1,0,0,0,0.1,-2\n")
    gallery.load_classes(tmp_path / "classes.csv")
    assert gallery.choice.order.currentText() == "by class"
    assert gallery.view.rows.content.order.tolist() == [1, 0]
    qtbot.waitUntil(lambda: gallery.averages.count() == 2, timeout=PATIENCE)
    assert [gallery.averages.item(row).text() for row in range(2)] == ["class 1: 1", "class 2: 1"]
    gallery.averages.itemClicked.emit(gallery.averages.item(1))
    assert gallery.view.particles().tolist() == [0]
    assert gallery.aligned.isEnabled()
    gallery.choice.only.setCurrentText("class 2")
    assert gallery.view.rows.content.order.tolist() == [0]
    gallery.choice.only.setCurrentText("all classes")
    assert gallery.view.rows.content.order.tolist() == [1, 0]
    (tmp_path / "other.csv").write_text(f"{head}\n1,1,1,0,0,0,0,0\n")
    before = len(told())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "other.csv"), ""))
    gallery.load.click()
    qtbot.waitUntil(lambda: len(told()) > before, timeout=PATIENCE)
    assert "The table sorts 1 particles" in told()[-1]
    gallery.averages.show_movie([gallery.pictures.picture(0)])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "classes.csv"), ""))
    gallery.load.click()
    qtbot.waitUntil(lambda: not gallery.averages.playing, timeout=PATIENCE)
    with pytest.raises(InputError, match="The table sorts 1 particles, but here are 2"):
        gallery.load_classes(tmp_path / "other.csv")


def test_particles_are_classified_from_the_gallery(qtbot, dock, panel, gallery, told, tmp_path):
    gallery.classify.click()
    dialog = dock.classify_dialog
    used = {"spatial-vae": ["minutes", "shift_prior"], "alignment": ["tilt_range"]}
    for method in ("alignment", "spatial-vae"):
        dialog.form.editors["method"].set(method)
        enabled = [name for name, editor in dialog.form.editors.items() if editor.widget.isEnabled()]
        assert enabled == ["method", "classes", *used[method]]
    dialog.form.editors["minutes"].set(1200)
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.job.stop.isEnabled(), timeout=PATIENCE)
    assert not dialog.start.isEnabled()
    assert dock.activity.busy == "particles are being classified."
    dialog.job.cancel.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert gallery.sorted is None
    assert gallery.chart.isHidden()
    assert not gallery.save.isEnabled()
    dialog.form.editors["minutes"].set(1)
    dialog.start.click()
    qtbot.waitUntil(lambda: gallery.sorted is not None, timeout=PATIENCE)
    assert not dialog.isVisible()
    assert gallery.sorted.ranks.classes.tolist() == [2, 1]
    assert gallery.choice.order.currentText() == "by class"
    assert gallery.aligned.isEnabled()
    qtbot.waitUntil(lambda: gallery.averages.count() == 3, timeout=PATIENCE)
    assert [gallery.averages.item(row).text() for row in range(3)] == ["class 1: 1", "class 2: 1", "content"]
    assert gallery.averages.playing
    key = gallery.averages.item(2).icon().cacheKey()
    qtbot.waitUntil(lambda: gallery.averages.item(2).icon().cacheKey() != key, timeout=PATIENCE)
    gallery.averages.itemClicked.emit(gallery.averages.item(2))
    panel.show_page("table")
    assert not gallery.averages.playing
    gallery.save_classes(tmp_path / "classes.csv")
    gallery.load_classes(tmp_path / "classes.csv")
    assert gallery.sorted.ranks.classes.tolist() == [2, 1]
    assert gallery.sorted.ranks.content.tolist() == [1, 0]
    assert gallery.sorted.angles.tolist() == [90, 90]
    assert gallery.sorted.content.points.tolist() == [[0, 0], [1, 0]]
    assert told() == []


@pytest.fixture
def sorted_gallery(qtbot, tmp_path, gallery):
    """The gallery sorted into two classes, its chart in sight: the first particle left in it, the second right."""
    head = "particle,class,place,content_1,content_2,angle_deg,centre_y,centre_x,doubt,elbo"
    (tmp_path / "classes.csv").write_text(f"{head}\n1,1,1,-1,0,90,0,0,0.5,-1\n2,1,2,1,0,0,0,0,0.1,-2\n")
    gallery.load_classes(tmp_path / "classes.csv")
    view = gallery.chart.view
    qtbot.waitUntil(lambda: view._content is not None, timeout=PATIENCE)
    return gallery


def around(gallery, *particles, joins=Joins.REPLACES):
    gallery.chart.view.lassoed.emit(np.isin(np.arange(2), particles), joins)


def test_what_is_drawn_around_in_the_chart_is_shown_alone_and_marked(qtbot, panel, sorted_gallery, follow, told):
    gallery, view = sorted_gallery, sorted_gallery.chart.view
    left, right = view.point_pixels
    assert left.real < right.real
    around(gallery, 1)
    assert gallery.view.rows.content.order.tolist() == [1]
    assert gallery.view.particles().tolist() == [1]
    assert gallery.choice.only.currentText() == "1 chosen"
    assert view._colours.selected.tolist() == [False, True]
    around(gallery, 0, joins=Joins.ADDS)
    assert gallery.view.particles().tolist() == [0, 1]
    around(gallery, 0, joins=Joins.TAKES)
    assert gallery.view.particles().tolist() == [1]
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert gallery.junk.tolist() == [False, True]
    follow()
    assert panel.count.text() == "1 particle of bars"
    qtbot.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not gallery.junk.any()
    view.clicked.emit(-1, Joins.REPLACES)
    assert gallery.view.rows.content.order.tolist() == [0, 1]
    view.clicked.emit(0, Joins.REPLACES)
    assert gallery.view.particles().tolist() == [0]
    assert "particle 1" in view._describe(0)
    assert "<img" in view._describe(0)
    assert told() == []


def test_a_class_of_ones_own_is_saved_and_undone_in_line_with_junk(qtbot, tmp_path, sorted_gallery, told):
    gallery = sorted_gallery
    around(gallery, 1)
    gallery.chart.new_class.click()
    assert gallery.sorted.ranks.classes.tolist() == [1, 2]
    gallery.save_classes(tmp_path / "own.csv")
    gallery.mark.click()
    assert gallery.junk.tolist() == [False, True]

    def press(modifiers):
        qtbot.keyClick(gallery.view, Qt.Key.Key_Z, modifiers)
        return gallery.sorted.ranks.classes.tolist(), bool(gallery.junk.any())

    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    assert press(control) == ([1, 2], False)
    assert press(control) == ([1, 1], False)
    assert press(control | shift) == ([1, 2], False)
    assert press(control | shift) == ([1, 2], True)
    gallery.load_classes(tmp_path / "own.csv")
    assert gallery.sorted.ranks.classes.tolist() == [1, 2]
    assert gallery.sorted.content.points.tolist() == [[-1, 0], [1, 0]]
    assert told() == []


def test_images_look_as_before_where_the_slice_is_thick_for_particles(viewer, panel, follow):
    (grey,) = (layer for layer in viewer.layers if isinstance(layer, Image))
    before = np.array(grey._slice.image.view)
    panel.form.structure.setCurrentIndex(panel.form.structure.findText("bars"))
    follow()
    assert any(viewer.dims.margin_left)
    np.testing.assert_array_equal(grey._slice.image.view, before)
    later = viewer.add_image(np.random.default_rng(1).normal(size=grey.data.shape))
    plane = np.asarray(later.data)[viewer.dims.current_step[0]]
    np.testing.assert_allclose(later._slice.image.view, plane)
    viewer.layers.remove(later)
