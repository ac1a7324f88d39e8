"""A project dropped onto napari looks as it was left."""

import shutil

import numpy as np
import pytest
from napari.layers._layer_actions import _convert_dtype, _duplicate_layer

from napari_hypseg._napari.layer_sync import leaf_table
from napari_hypseg._napari.shared_leaves import NOT_CONVERTED
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen

PLUGIN = "napari-hypseg"
SIZE, ORIGIN = (13.0, 12.0, 11.0), (5.0, -20.0, 300.0)  # as in conftest


def test_image_slider_and_levels_open_in_place(viewer, project, tree, leaves, told):
    image, coarse, regions = viewer.open(project.path, plugin=PLUGIN)
    assert [layer.name for layer in viewer.layers] == ["tomo", "coarse", "regions"]
    assert [layer.visible for layer in viewer.layers] == [True, False, True]
    assert viewer.layers.selection.active is regions
    for layer in (image, regions, coarse):
        np.testing.assert_allclose(layer.scale, SIZE)
        np.testing.assert_allclose(layer.translate, ORIGIN)
        assert layer.units == image.units
        assert layer.metadata["hypseg_project"] == str(project.path)
    np.testing.assert_array_equal(leaf_table(regions).regions, lookup(tree, cut_at(tree, 3)))
    np.testing.assert_array_equal(leaf_table(coarse).regions, lookup(tree, cut_at(tree, 2)))
    assert coarse.data.leaves is regions.data.leaves
    np.testing.assert_array_equal(np.asarray(regions.data), leaves)
    assert (regions.metadata["hypseg_level"], coarse.metadata["hypseg_level"]) == (None, "coarse")
    assert told() == []


def test_a_level_of_a_project_is_saved_as_regions(viewer, project, tree, leaves, tmp_path):
    _, coarse, _ = viewer.open(project.path, plugin=PLUGIN)
    (path,) = coarse.save(str(tmp_path / "coarse.mrc"), plugin=PLUGIN)
    np.testing.assert_array_equal(open_volume(path).channels[0][:], lookup(tree, cut_at(tree, 2))[leaves])


def test_regions_show_even_if_the_tomogram_is_gone(viewer, project, mrc, told):
    mrc.unlink()
    layers = viewer.open(project.path, plugin=PLUGIN)
    assert [layer.name for layer in layers] == ["coarse", "regions"]
    ((severity, sentence),) = told()
    assert severity == "warning"
    assert "tomo.mrc" in sentence


def test_a_tomogram_that_was_replaced_is_told_once(viewer, project, mrc, write_mrc, grey, told):
    mrc.unlink()
    write_mrc(mrc, grey + 1)
    assert len(viewer.open(project.path, plugin=PLUGIN)) == 3
    ((severity, sentence),) = told()
    assert severity == "warning"
    assert "tomo.mrc is not the file that one.hypseg was made from" in sentence


def test_of_two_specimens_the_one_that_is_there_shows(viewer, project, mrc, write_mrc, grey, told):
    """And where to say that the other has moved."""
    other = write_mrc(mrc.with_name("other.mrc"), grey)
    volumes = [open_volume(mrc), open_volume(other)]
    both = Project.create(mrc.with_name("both.hypseg"), [Specimen(volume) for volume in volumes], RunSettings())
    mrc.unlink()
    assert [layer.name for layer in viewer.open(both.path, plugin=PLUGIN)] == ["other"]
    ((_, sentence),) = told()
    assert f"hypseg relink {both.path}" in sentence


def test_damage_is_named_and_the_rest_opens(viewer, project, told):
    shutil.rmtree(project.store.segmentation_folder(project.segmentation.fingerprint) / "tree.zarr")
    layers = viewer.open(project.path, plugin=PLUGIN)
    assert [layer.name for layer in layers] == ["tomo"]
    assert all(severity == "warning" for severity, _ in told())
    assert "damaged" in told()[0][1]


def test_a_folder_that_is_no_project(viewer, tmp_path, told):
    folder = tmp_path / "nothing.hypseg"
    folder.mkdir()
    assert viewer.open(folder, plugin=PLUGIN) == []
    ((severity, sentence),) = told()
    assert severity == "error"
    assert "nothing.hypseg" in sentence


@pytest.mark.parametrize("mode", ["uint8", "int64"])
def test_regions_are_not_converted_and_napari_says_why(viewer, project, told, mode):
    viewer.open(project.path, plugin="napari-hypseg")
    regions = viewer.layers.selection.active
    before = regions.data
    _convert_dtype(viewer.layers, mode=mode)
    assert regions.data is before
    assert [text for _, text in told()] == [NOT_CONVERTED]
    _duplicate_layer(viewer.layers)
    viewer.layers.selection.active = viewer.layers["regions copy"]
    _convert_dtype(viewer.layers, mode=mode)
    assert viewer.layers["regions copy"].data.dtype == mode
    np.testing.assert_array_equal(viewer.layers["regions copy"].data > 0, np.asarray(before) > 0)
