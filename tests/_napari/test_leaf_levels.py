"""Regions of a large volume in a real viewer: shown at the resolution that is needed, known at the full one."""

import numpy as np
import pytest
from napari.layers._layer_actions import _convert_dtype

from napari_hypseg._napari.hatched_array import hatched_levels
from napari_hypseg._napari.layer_sync import add_leaf_layer, set_table
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._qt.layers.preview import PreviewVolume
from napari_hypseg.volumes.cells import commonest

RED, GREEN, BLUE = (1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)
LOOK = {"view_direction": np.array([1.0, 0, 0]), "dims_displayed": [1, 2], "world": True}


def table_of(*colours):
    rows = np.array([(0, 0, 0, 0), *colours], dtype=np.float32)
    return LeafTable(rows, np.arange(len(rows), dtype=np.uint16), {})


class Reads:
    """An array that notes the boxes that are read of it."""

    def __init__(self, values):
        self.values, self.shape, self.dtype, self.read = values, values.shape, values.dtype, []

    def __getitem__(self, index):
        found = self.values[index]
        self.read.append(found.size)
        return found


@pytest.fixture
def leaves():
    """Two leaves side by side, and a third one of a single voxel in each plane."""
    data = np.ones((16, 1600, 1600), dtype=np.uint16)
    data[:, :, 800:] = 2
    data[:, 400, 401] = 3
    return data


@pytest.fixture
def levels(leaves):
    first = commonest(leaves, (2, 2, 2))
    return tuple(map(Reads, (leaves, first, commonest(first, (2, 2, 2)))))


@pytest.fixture
def shown(make_napari_viewer, levels):
    viewer = make_napari_viewer(show=True)
    layer = add_leaf_layer(viewer, levels, table_of(RED, GREEN, BLUE))
    layer.opacity, layer.blending = 1, "opaque"
    viewer.reset_view()
    viewer.screenshot(flash=False)
    return viewer, layer


def sides(viewer):
    """Colours left and right of the middle of the picture."""
    pixels = viewer.screenshot(canvas_only=True, flash=False)[..., :3]
    row, middle = pixels.shape[0] // 2, pixels.shape[1] // 2
    return [tuple((pixels[row, middle + step] > 100).astype(int)) for step in (-40, 40)]


def test_the_whole_is_shown_coarsely_and_a_part_of_it_at_full_resolution(shown, levels):
    viewer, layer = shown
    assert layer.multiscale
    assert layer.data_level > 0
    assert sides(viewer) == [RED[:3], GREEN[:3]]
    assert max(levels[0].read, default=0) < 1600**2
    viewer.scene.camera.zoom = 20
    assert sides(viewer) == [RED[:3], GREEN[:3]]
    assert layer.data_level == 0
    assert 0 < max(levels[0].read) < 400**2  # one plane, and of that what is in view


def test_the_slider_moves_colours_at_every_resolution(shown):
    viewer, layer = shown
    for zoom in (20, 0.5):
        viewer.scene.camera.zoom = zoom
        set_table(viewer, layer, table_of(BLUE, RED, GREEN))
        assert sides(viewer) == [BLUE[:3], RED[:3]]
        set_table(viewer, layer, table_of(RED, GREEN, BLUE))
        assert sides(viewer) == [RED[:3], GREEN[:3]]


def test_the_mouse_meets_voxels_whatever_is_shown(shown):
    _, layer = shown
    assert layer.data_level > 0
    assert layer.get_value((5, 400, 401), **LOOK) == 3
    assert layer.get_value((5, 400, 400), **LOOK) == 1
    assert layer.get_value((5, 1700, 400), **LOOK) is None
    assert layer.get_status((5, 400, 401), **LOOK)["value"] == "region 3"


def test_in_3d_the_coarsest_is_shown_and_the_first_leaf_on_the_ray_is_met(shown, levels):
    viewer, layer = shown
    viewer.dims.ndisplay = 3
    viewer.screenshot(flash=False)
    assert layer._slice.image.raw.shape == levels[2].shape
    ray = {"view_direction": np.array([1.0, 0, 0]), "dims_displayed": [0, 1, 2], "world": True}
    assert layer.get_value((-5, 700, 1200), **ray) == 2
    assert layer.get_status((-5, 700, 1200), **ray)["value"] == "region 2"
    viewer.dims.ndisplay = 2
    assert sides(viewer) == [RED[:3], GREEN[:3]]


def test_other_leaves_on_the_same_grid_are_shown_where_one_is(shown, levels):
    viewer, layer = shown
    viewer.scene.camera.zoom = 20
    viewer.scene.camera.center = (8, 300, 800)
    assert sides(viewer) == [RED[:3], GREEN[:3]]
    turned = tuple(3 - level.values for level in levels)
    for show in (layer.replace_values, lambda other: setattr(layer, "data", other)):
        show(turned)
        assert layer.data_level == 0
        assert sides(viewer) == [GREEN[:3], RED[:3]]
        show(levels)
        assert sides(viewer) == [RED[:3], GREEN[:3]]


def test_stripes_run_at_every_resolution(shown, levels):
    viewer, layer = shown
    layer.replace_values(hatched_levels(tuple(level.values for level in levels), np.array([True, False, False])))
    for zoom in (4, 20):
        viewer.scene.camera.zoom = zoom
        pixels = viewer.screenshot(canvas_only=True, flash=False)[..., :3]
        middle = pixels[pixels.shape[0] // 2]
        left, right = middle[: len(middle) // 2 - 20], middle[len(middle) // 2 + 20 :]
        assert 0.3 < (left[:, 0] > 100).mean() < 0.7
        assert (right[:, 1] > 100).all()


def test_what_is_saved_or_copied_is_at_full_resolution(shown, leaves):
    _, layer = shown
    data, keywords, kind = layer.as_layer_data_tuple()
    assert (data.shape, keywords["multiscale"], kind) == (leaves.shape, False, "labels")
    np.testing.assert_array_equal(np.asarray(data), leaves)
    assert not layer.editable


def test_they_are_not_converted(shown):
    viewer, layer = shown
    before = layer.data[0]
    _convert_dtype(viewer.layers, mode="int64")
    assert layer.data[0] is before
    assert layer.data_level > 0


def test_single_voxels_of_what_has_no_levels_are_numbers(shown, levels):
    """A preview gives arrays without axes, which napari cannot put into words."""
    _, layer = shown
    layer.data = tuple(PreviewVolume(level.shape) for level in levels)
    assert layer.get_status((5, 400, 401), **LOOK)["value"] == "outside"


def test_napari_reads_no_plane_but_the_one_it_shows(shown, levels):
    viewer, layer = shown
    for level in levels:
        level.read.clear()
    viewer.dims.set_current_step(0, 9)
    viewer.screenshot(flash=False)
    assert sum(sum(level.read) for level in levels) <= sum(level.values[0].size for level in levels)
    assert layer.data[layer.data_level][0:4, 0:3, 0:2].shape == (4, 3, 2)
