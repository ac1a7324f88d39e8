"""Surfaces from the window: layers in place, out of date after edits, replaced and saved."""

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, RecolourStructure, RenameStructure, TakeLeaves
from napari_hypseg.structures.leaf_ranges import to_ranges

PATIENCE = 60_000


@pytest.fixture
def panel(qtbot, dock, viewer, older):
    """The panel, with the structures shell and lumen in a volume of (6, 12, 24) voxels, leaves 2 columns wide."""
    project = Project.open(older.path, write=True)
    for name, leaves in (("shell", [2, 3]), ("lumen", [8])):
        ranges = to_ranges(np.array(leaves))
        project.structures.do(MakeStructure(name=name, colour=(1.0, 0.5, 0.0), leaves=ranges, tree=PARTS))
    project.close()
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    dock.surfaces.form.editors["smoothing"].set(0.0)
    return dock.surfaces


@pytest.fixture
def make(qtbot, dock, panel):
    """Function that makes the surfaces of what is chosen."""

    def press():
        panel.make.click()
        qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)

    return press


def surfaces(viewer):
    return [layer.name for layer in viewer.layers if layer.name.startswith("surface")]


def test_surfaces_lie_where_their_structures_are_and_say_when_they_do_not(dock, viewer, panel, make, told):
    make()
    assert surfaces(viewer) == ["surface of shell", "surface of lumen"]
    shell, regions = viewer.layers["surface of shell"], viewer.layers["regions"]
    low, high = shell.data[0].min(0), shell.data[0].max(0)
    np.testing.assert_allclose((low, high), [(-0.5, -0.5, 3.5), (5.5, 11.5, 7.5)], atol=0.1)
    np.testing.assert_allclose((*shell.scale, *shell.translate), (*regions.scale, *regions.translate))
    np.testing.assert_allclose(shell.colormap.colors[0], (1, 0.5, 0, 1))
    assert (viewer.dims.ndisplay, regions.visible, shell.shading) == (3, False, "smooth")
    structures = dock.model.project.structures
    structures.do(RecolourStructure(structure=1, colour=(0.0, 0.0, 1.0)))
    structures.do(RenameStructure(structure=1, name="coat"))
    assert surfaces(viewer) == ["surface of coat", "surface of lumen"]
    np.testing.assert_allclose(shell.colormap.colors[0], (0, 0, 1, 1))
    structures.do(TakeLeaves(structure=1, leaves=to_ranges(np.array([3])), tree=PARTS))
    assert surfaces(viewer) == ["surface of coat (out of date)", "surface of lumen"]
    structures.undo()
    assert surfaces(viewer)[0] == "surface of coat"
    structures.redo()
    panel.which.setCurrentIndex(panel.which.findText("coat"))
    make()
    assert surfaces(viewer) == ["surface of coat", "surface of lumen"]
    assert viewer.layers["surface of coat"] is shell
    assert shell.data[0].max(0)[2] == pytest.approx(5.5, abs=0.1)
    assert told() == []
    dock.model.project_changed.emit()  # as after regions were made anew
    assert surfaces(viewer) == ["surface of coat (out of date)", "surface of lumen (out of date)"]
    make()
    assert surfaces(viewer) == ["surface of coat", "surface of lumen (out of date)"]


def test_surfaces_are_saved_as_the_ending_says(qtbot, dock, panel, tmp_path):
    panel.save.click()
    dialog = dock.dialog
    assert dialog.path.text().endswith("older-surfaces.glb")
    dialog.format.setCurrentIndex(dialog.format.findText("PLY", flags=Qt.MatchFlag.MatchStartsWith))
    assert dialog.path.text().endswith("older-surfaces.ply")
    dialog.path.setText(str(tmp_path / "both.ply"))
    dialog.write.click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)
    assert (tmp_path / "both.ply").read_bytes().startswith(b"ply\nformat binary_little_endian")
    dialog.close()


def test_without_structures_there_is_nothing_to_show(dock):
    for control in (dock.surfaces.make, dock.surfaces.save):
        assert not control.isEnabled()
        assert "no structure yet" in control.toolTip()
