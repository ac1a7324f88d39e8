"""Two levels or two segmentations under a curtain, in a real window."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_hypseg._napari.measured_layers import pieces_layer
from napari_hypseg._napari.metadata_keys import COMPARED
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.project.records import PARTS
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.structures.leaf_ranges import to_ranges

PATIENCE = 60_000
SHAPE = (6, 12, 24)
LEFT = Qt.MouseButton.LeftButton
NAME = "behind the curtain"


@pytest.fixture
def panel(qtbot, dock, viewer, older):
    """The panel, unfolded, beside a volume of (6, 12, 24) voxels, leaves 2 columns wide."""
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    window = viewer.window._qt_window
    window.resize(1100, 700)
    window.show()
    dock.steps[3].expand()
    dock.explore.compare.expand()
    qtbot.waitUntil(dock.compare.isVisible, timeout=PATIENCE)
    viewer.layers["older"].visible = False
    viewer.layers["regions"].opacity = 1
    QTest.qWait(100)  # until the canvas has its size
    viewer.reset_view()
    yield dock.compare
    dock.workspace.comparing.end()
    window.hide()


@pytest.fixture
def choose(panel):
    """Function that chooses what is behind the curtain by some of its words."""

    def chosen(words):
        texts = [panel.what.itemText(number) for number in range(panel.what.count())]
        panel.what.setCurrentIndex(next(number for number, text in enumerate(texts) if words in text))
        panel.what.activated.emit(panel.what.currentIndex())
        QTest.qWait(50)

    return chosen


@pytest.fixture
def colour_at(viewer):
    """Function that gives the colour, RGB from 0 to 255, of a column and row of voxels in the picture."""

    def looked(row, column):
        QTest.qWait(50)
        picture = viewer.screenshot(flash=False)
        height, width = picture.shape[:2]
        centre, zoom = viewer.scene.camera.center, viewer.scene.camera.zoom
        y = round(height / 2 + (row - centre[1]) * zoom)
        x = round(width / 2 + (column - centre[2]) * zoom)
        return picture[y, x, :3].astype(int)

    return looked


def colour_of(viewer, name, column):
    """What a layer shows of the leaf at a column."""
    layer = viewer.layers[name]
    return np.round(255 * layer.table.rows[1 + column // 2, :3])


def test_each_side_has_its_own_level_and_walking_one_does_not_touch_the_other(dock, viewer, panel, choose, colour_at):
    choose("regions by parts")
    assert panel.number.value() == 10
    tree = dock.model.tree
    assert viewer.layers.selection.active is viewer.layers["regions"]
    for behind, before in ((12, 2), (3, 7)):
        panel.number.setValue(behind)
        dock.explore.number.setValue(before)
        QTest.qWait(40)
        assert len(viewer.layers[NAME].table.names) == behind
        assert len(viewer.layers["regions"].table.names) == before
        for column in (2, 7, 10):
            np.testing.assert_allclose(colour_at(6, column), colour_of(viewer, "regions", column), atol=2)
        for column in (13, 18, 22):
            np.testing.assert_allclose(colour_at(6, column), colour_of(viewer, NAME, column), atol=2)
    shown = viewer.layers[NAME].table
    dock.explore.number.setValue(4)
    QTest.qWait(40)
    assert viewer.layers[NAME].table is shown
    table = dock.model.table
    panel.slider.setValue(6)
    assert dock.model.table is table
    assert dock.workspace.comparing.comparison.regions.cut == cut_at(tree, 6)
    captions = [caption.text() for caption in dock.workspace.comparing.curtain._handle.captions]
    assert captions == ["4 regions by parts", "6 regions by parts"]


def test_pieces_that_were_measured_are_covered_with_the_regions_they_are_in(dock, viewer, panel, choose, colour_at):
    pieces = pieces_layer(dock.model.project, 0, np.ones(SHAPE, dtype=np.uint8), "core")
    viewer.add_layer(pieces)
    choose("the volume alone")
    QTest.qWait(40)
    bare = colour_at(6, 18)
    assert np.abs(colour_at(6, 4) - bare).max() > 40
    viewer.layers.remove(pieces)
    QTest.qWait(40)
    np.testing.assert_allclose(colour_at(6, 18), bare, atol=2)


def test_the_line_is_dragged_in_the_picture_and_turned(dock, viewer, panel, choose, colour_at):
    choose("regions by parts")
    panel.number.setValue(12)
    dock.explore.number.setValue(2)
    curtain = dock.workspace.comparing.curtain
    handle = curtain._handle
    canvas = handle.parent()
    centre = viewer.scene.camera.center
    start = QPoint(handle.width() // 2, 100)
    QTest.mousePress(handle, LEFT, pos=start)
    QTest.mouseMove(handle, start + QPoint(-canvas.width() // 4, 0))
    QTest.mouseRelease(handle, LEFT, pos=handle.rect().center())
    assert curtain.line.fraction == pytest.approx(0.25, abs=0.02)
    assert panel.place.value() == pytest.approx(250, abs=20)
    assert viewer.scene.camera.center == centre
    np.testing.assert_allclose(colour_at(6, 8), colour_of(viewer, NAME, 8), atol=2)
    QTest.mouseDClick(handle, LEFT)
    assert curtain.line.fraction == 0.5
    panel.sides.setCurrentIndex(1)
    np.testing.assert_allclose(colour_at(3, 18), colour_of(viewer, "regions", 18), atol=2)
    np.testing.assert_allclose(colour_at(8, 2), colour_of(viewer, NAME, 2), atol=2)
    panel.place.setValue(1000)
    np.testing.assert_allclose(colour_at(8, 2), colour_of(viewer, "regions", 2), atol=2)


def test_what_is_pinned_stays_as_it_was_with_its_structures(dock, viewer, panel, choose):
    structures = dock.model.project.structures
    structures.do(MakeStructure(name="core", colour=(1.0, 0.0, 0.0), leaves=to_ranges(np.array([9])), tree=PARTS))
    choose("pinned")
    assert not panel.number.isEnabled()
    assert "has no slider" in panel.number.toolTip()
    structures.undo()
    dock.explore.number.setValue(2)
    QTest.qWait(40)
    assert "core" in viewer.layers[NAME].table.names.values()
    assert "core" not in viewer.layers["regions"].table.names.values()
    np.testing.assert_allclose(viewer.layers[NAME].table.rows[10, :3], (1, 0, 0))


def test_the_volume_alone_a_kept_level_and_other_labels_can_be_behind_it(dock, viewer, panel, choose, colour_at):
    viewer.add_labels(np.full(SHAPE, 3, dtype=np.int32), name="mine", opacity=1, visible=False)
    viewer.layers.selection.active = viewer.layers["regions"]
    choose("volume alone")
    assert NAME not in viewer.layers
    np.testing.assert_array_equal(colour_at(6, 18), 0)
    np.testing.assert_allclose(colour_at(6, 4), colour_of(viewer, "regions", 4), atol=2)
    choose("level: coarse")
    assert len(viewer.layers[NAME].table.names) == 2
    choose("mine")
    assert NAME not in viewer.layers
    assert viewer.layers["mine"].visible
    np.testing.assert_allclose(colour_at(6, 18), 255 * viewer.layers["mine"].get_color(3)[:3], atol=2)
    np.testing.assert_allclose(colour_at(6, 4), colour_of(viewer, "regions", 4), atol=2)
    choose("nothing")
    assert not viewer.layers["mine"].visible
    np.testing.assert_allclose(colour_at(6, 18), colour_of(viewer, "regions", 18), atol=2)
    assert not panel.place.isEnabled()


def test_the_curtain_hangs_in_3d_too(dock, viewer, panel, choose):
    panel._model.see_through = False
    choose("volume alone")
    viewer.dims.ndisplay = 3
    QTest.qWait(200)
    picture = viewer.screenshot(flash=False)[..., :3].astype(int).sum(axis=-1)
    middle = picture.shape[1] // 2
    assert picture[:, : middle - 3].any()
    assert not picture[:, middle + 3 :].any()
    dock.workspace.comparing.end()
    QTest.qWait(100)
    assert viewer.screenshot(flash=False)[:, middle + 3 :, :3].any()
    panel._model.see_through = True


def test_it_ends_with_what_was_compared_and_a_click_still_selects(dock, viewer, panel, choose, told):
    choose("regions by parts")
    canvas = dock.workspace.comparing.curtain._handle.parent()
    QTest.mouseClick(canvas, LEFT, pos=QPoint(canvas.width() * 3 // 4, canvas.height() // 2))
    assert dock.model.selection is not None
    assert len(dock.workspace.view.regions()) == 1
    viewer.layers.remove(viewer.layers[NAME])
    curtain = dock.workspace.comparing.curtain
    assert not curtain.is_open
    assert panel.what.currentText() == "nothing"
    choose("level: coarse")
    assert curtain.is_open
    dock.workspace.levels.remove("coarse")
    assert not curtain.is_open
    choose("regions by parts")
    dock.model.project = None
    assert not curtain.is_open
    assert not [layer for layer in viewer.layers if COMPARED in layer.metadata]
    assert "train first" in panel.what.toolTip()
    assert told() == []


def test_in_naparis_grid_both_sides_are_seen_whole(dock, viewer, panel, choose):
    choose("volume alone")
    handle = dock.workspace.comparing.curtain._handle
    viewer.canvas.grid.enabled = True
    QTest.qWait(100)
    assert not handle.isVisible()
    picture = viewer.screenshot(flash=False)[..., :3].any(axis=(0, 2))
    assert picture[picture.shape[0] * 3 // 4]
    viewer.canvas.grid.enabled = False
    QTest.qWait(100)
    assert handle.isVisible()
    picture = viewer.screenshot(flash=False)[..., :3].any(axis=(0, 2))
    assert not picture[picture.shape[0] * 3 // 4]
