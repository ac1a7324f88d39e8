"""A slider step in a real viewer with a real canvas: the pixels are looked at."""

import warnings

import numpy as np
import pytest
from napari.utils._proxies import PublicOnlyProxy
from napari.utils.colormaps import label_colormap

from napari_hypseg._napari import layer_sync
from napari_hypseg._napari.layer_sync import add_leaf_layer, leaf_table, refresh_details, set_table
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._napari.napari_internals import write_texture

BLACK = (0, 0, 0)
RED, GREEN, BLUE = (1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)


def table_of(colour_of_leaf, names=()):
    """Table of leaves whose region is given by their colour."""
    colours = np.array([(0, 0, 0, 0), *colour_of_leaf], dtype=np.float32)
    order = {colour: region for region, colour in enumerate(dict.fromkeys(colour_of_leaf), start=1)}
    regions = np.array([0, *(order[colour] for colour in colour_of_leaf)], dtype=np.uint16)
    return LeafTable(colours, regions, dict(names))


@pytest.fixture
def leaves():
    """Four leaves as quadrants of every plane, with a border of nothing."""
    data = np.zeros((12, 36, 36), dtype=np.uint16)
    data[:, 2:18, 2:18], data[:, 2:18, 18:34], data[:, 18:34, 2:18], data[:, 18:34, 18:34] = 1, 2, 3, 4
    return data


@pytest.fixture
def shown(make_napari_viewer, leaves):
    viewer = make_napari_viewer(show=True)
    layer = add_leaf_layer(viewer, leaves, table_of([RED, RED, GREEN, GREEN]))
    layer.opacity = 1
    layer.blending = "opaque"
    viewer.reset_view()
    return viewer, layer


def picture(viewer):
    return viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)


def quadrants(viewer):
    """Colour in the middle of each quadrant of the picture, as 0 or 1 per channel."""
    pixels = picture(viewer)
    rows, columns = np.nonzero(pixels.sum(axis=-1))
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    at = lambda part, low, high: round(low + part * (high - low))  # noqa: E731
    middles = [(at(r, top, bottom), at(c, left, right)) for r in (0.3, 0.7) for c in (0.3, 0.7)]
    return [tuple((pixels[row, column] > 100).astype(int)) for row, column in middles]


def quadrants_of(viewer, layer):
    """Colour in the middle of each quadrant of the layer, which need not fill the picture."""
    zoom = viewer.scene.camera.zoom
    pixels = picture(viewer)
    middle = np.array(pixels.shape[:2]) / 2 - 0.5
    places = [(middle + zoom * np.array([r, c])).round().astype(int) for r in (-9, 9) for c in (-9, 9)]
    return [tuple((pixels[row, column] > 100).astype(int)) for row, column in places]


def names_of(layer):
    """What the features say of every region."""
    return dict(zip(layer.features["index"], layer.features["name"], strict=True))


@pytest.mark.parametrize("ndisplay", [2, 3])
def test_a_step_shows_the_new_colours(shown, ndisplay):
    viewer, layer = shown
    viewer.dims.ndisplay = ndisplay
    assert quadrants(viewer) == [RED[:3], RED[:3], GREEN[:3], GREEN[:3]]
    set_table(viewer, layer, table_of([BLUE, GREEN, RED, BLUE]))
    assert quadrants(viewer) == [BLUE[:3], GREEN[:3], RED[:3], BLUE[:3]]


@pytest.mark.parametrize("ndisplay", [2, 3])
def test_the_fast_path_is_taken_and_gives_the_pixels_of_the_public_one(shown, ndisplay, monkeypatch):
    viewer, layer = shown
    viewer.dims.ndisplay = ndisplay
    viewer.dims.set_point(0, 5)
    table = table_of([(0.2, 0.4, 0.6, 1), (0.9, 0.1, 0.5, 1), (0.3, 0.3, 0.3, 0), (0.25, 0.5, 0.75, 0.5)])
    before = layer.colormap
    set_table(viewer, layer, table)
    assert layer.colormap is before  # nothing was built anew
    fast = picture(viewer)
    monkeypatch.setattr(layer_sync, "write_texture", lambda *_: False)
    set_table(viewer, layer, table)
    assert layer.colormap is not before
    np.testing.assert_array_equal(fast, picture(viewer))
    assert fast.any()


def test_seams_do_not_show_inside_a_region_in_3d(shown):
    viewer, layer = shown
    viewer.dims.ndisplay = 3
    set_table(viewer, layer, table_of([RED] * 4))
    pixels = picture(viewer)
    colours = np.unique(pixels[pixels.any(axis=-1)], axis=0)
    assert len(colours) == 1


def test_a_step_survives_what_makes_napari_build_its_texture_anew(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([BLUE] * 4))
    viewer.dims.ndisplay = 3
    assert set(quadrants(viewer)) == {BLUE[:3]}
    set_table(viewer, layer, table_of([GREEN] * 4))
    viewer.dims.ndisplay = 2
    assert set(quadrants(viewer)) == {GREEN[:3]}
    layer.visible = False
    set_table(viewer, layer, table_of([RED] * 4))
    layer.visible = True
    assert set(quadrants(viewer)) == {RED[:3]}


def test_no_voxel_is_touched_and_nothing_is_told_that_reads_them(shown, leaves):
    viewer, layer = shown
    told = []
    for name in ("data", "set_data", "colormap", "features", "thumbnail", "reload", "extent"):
        layer.events[name].connect(lambda event: told.append(event.type))
    original = leaves.copy()
    set_table(viewer, layer, table_of([BLUE, GREEN, RED, BLUE]))
    assert told == []
    assert layer.data is leaves
    np.testing.assert_array_equal(leaves, original)


def test_colormap_and_status_agree_with_the_picture(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([BLUE, GREEN, GREEN, BLUE], {1: "membrane", 2: "lumen"}))
    np.testing.assert_allclose(layer.get_color(2), GREEN)
    np.testing.assert_allclose(layer.colormap.map(np.array([0, 4], dtype=np.uint16)), [(0, 0, 0, 0), BLUE])
    assert names_of(layer) == {1: "membrane", 2: "lumen"}


def test_hovering_speaks_of_regions(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([BLUE, GREEN, GREEN, RED], {1: "membrane", 2: "lumen", 3: "3"}))
    at = {place: layer.get_status(place, world=False) for place in ((5, 10, 30), (5, 30, 30), (5, 0, 0), (5, 99, 0))}
    assert [status["value"] for status in at.values()] == ["region 2 (lumen)", "region 3", "outside", ""]
    assert at[5, 10, 30]["coordinates"].endswith("]: region 2 (lumen)")
    viewer.dims.ndisplay = 3
    assert layer.get_status((5, 10, 10), dims_displayed=[0, 1, 2], world=True)["value"] == "region 1 (membrane)"


def test_names_may_be_missing_and_may_repeat(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([RED, GREEN, BLUE, BLUE], {1: "blob", 3: "blob"}))
    assert names_of(layer) == {1: "blob", 2: "", 3: "blob"}


def test_settling_updates_the_thumbnail(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([BLUE] * 4))
    refresh_details(layer)
    assert layer.thumbnail[16, 16, 2] > 200
    assert layer.thumbnail[16, 16, 0] == 0


def test_a_colormap_of_somebody_else_is_replaced(shown):
    viewer, layer = shown
    layer.colormap = label_colormap(7)
    set_table(viewer, layer, table_of([BLUE] * 4))
    assert set(quadrants(viewer)) == {BLUE[:3]}
    assert len(layer.colormap.colors) == 5


def test_another_number_of_leaves(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([RED, RED, GREEN, BLUE, BLUE, BLUE]))
    assert len(layer.features) == 3
    assert quadrants(viewer) == [RED[:3], RED[:3], GREEN[:3], BLUE[:3]]


def test_the_selected_region_is_shown_alone_and_the_slider_takes_it_along(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([RED, GREEN, GREEN, BLUE]))
    layer.selected_label, layer.show_selected_label = 2, True
    assert quadrants_of(viewer, layer) == [BLACK, GREEN[:3], GREEN[:3], BLACK]
    layer.selected_label = 3
    assert quadrants_of(viewer, layer) == [BLACK, BLACK, BLACK, BLUE[:3]]
    set_table(viewer, layer, table_of([RED, RED, BLUE, BLUE]))
    assert quadrants_of(viewer, layer) == [BLACK, BLACK, BLUE[:3], BLUE[:3]]
    assert layer.selected_label == 2
    layer.show_selected_label = False
    assert quadrants(viewer) == [RED[:3], RED[:3], BLUE[:3], BLUE[:3]]


def test_a_region_that_is_seen_through_is_shown_when_it_is_wanted_alone(shown):
    viewer, layer = shown
    set_table(viewer, layer, table_of([(0, 1, 0, 0), RED, RED, RED]))
    layer.selected_label, layer.show_selected_label = 1, True
    assert quadrants_of(viewer, layer) == [GREEN[:3], BLACK, BLACK, BLACK]


def test_outlines_run_around_regions_not_leaves_and_follow_the_slider(shown):
    viewer, layer = shown
    layer.contour = 1
    set_table(viewer, layer, table_of([RED, RED, GREEN, GREEN]))
    view = layer._slice.image.view
    assert not view[8:10, 16:20].any()  # between leaves 1 and 2
    assert view[17, 8:28].all()  # between the regions
    set_table(viewer, layer, table_of([RED, GREEN, RED, GREEN]))
    view = layer._slice.image.view
    assert view[8:10, 17].all()
    assert not view[16:20, 8:10].any()
    layer.contour = 0
    assert quadrants(viewer) == [RED[:3], GREEN[:3], RED[:3], GREEN[:3]]


def test_what_is_seen_through_in_3d_does_not_hide_what_lies_behind_from_the_mouse(shown):
    viewer, layer = shown
    viewer.dims.ndisplay = 3
    set_table(viewer, layer, table_of([(1, 0, 0, 0), GREEN, BLUE, BLUE]))
    start, stop = np.array([5.0, 10.0, 4.0]), np.array([5.0, 10.0, 30.0])
    leaf = layer._get_value_3d(start, stop, [0, 1, 2])
    assert leaf == 2


@pytest.mark.parametrize("ndisplay", [2, 3])
def test_leaves_that_the_table_does_not_know_yet_are_outside(shown, leaves, ndisplay):
    viewer, layer = shown
    viewer.dims.ndisplay, layer.contour = ndisplay, 3 - ndisplay
    layer.data = leaves * 100
    place = {"dims_displayed": [0, 1, 2][-ndisplay:], "world": True, "view_direction": (0, 0, 1)}
    assert layer.get_status((5, 10, 10), **place)["value"] in ("outside", "")
    layer._get_tooltip_text((5, 10, 10), **place)
    set_table(viewer, layer, table_of([RED] * 400))
    layer.contour = 0
    assert set(quadrants(viewer)) == {RED[:3]}


def test_colours_are_not_shuffled(shown):
    viewer, layer = shown
    layer.new_colormap()
    assert quadrants(viewer) == [RED[:3], RED[:3], GREEN[:3], GREEN[:3]]


def test_measured_features_stay_until_the_regions_change(shown):
    viewer, layer = shown
    layer.features = {"index": [1, 2], "area": [7.0, 9.0]}
    assert list(layer.features["area"]) == [7.0, 9.0]
    set_table(viewer, layer, table_of([RED, RED, RED, GREEN]))
    assert list(layer.features.columns) == ["index", "name"]
    assert list(layer.properties["index"]) == [1, 2]


def test_two_levels_share_the_leaves(shown, leaves):
    viewer, layer = shown
    kept = add_leaf_layer(viewer, layer.data, table_of([BLUE] * 4), name="kept")
    assert kept.data is leaves
    set_table(viewer, layer, table_of([GREEN] * 4))
    np.testing.assert_allclose(kept.get_color(1), BLUE)
    assert leaf_table(kept).rows[1].tolist() == list(BLUE)


def test_leaves_cannot_be_painted_on_whatever_napari_resets(shown, leaves):
    viewer, layer = shown
    for reset in (
        lambda: setattr(layer, "data", leaves.copy()),
        lambda: setattr(viewer.dims, "ndisplay", 3),
        lambda: setattr(viewer.dims, "ndisplay", 2),
        lambda: setattr(layer, "visible", False),
        lambda: setattr(layer, "visible", True),
        lambda: setattr(layer, "editable", True),
        lambda: setattr(layer, "mode", "pick"),
        lambda: setattr(layer, "mode", "erase"),
    ):
        reset()
        for mode in ("paint", "fill", "erase", "polygon", "transform"):
            layer.mode = mode
            assert layer.mode == "pan_zoom"
        assert not layer.editable
    layer.mode = "pick"
    assert layer.mode == "pick"


def test_works_through_the_proxy_a_dock_is_given(shown):
    viewer, _ = shown
    proxy = PublicOnlyProxy(viewer)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        set_table(proxy, proxy.layers[0], table_of([BLUE] * 4))
        refresh_details(proxy.layers[0])
    assert set(quadrants(viewer)) == {BLUE[:3]}
    assert leaf_table(proxy.layers[0]) is not None


def test_many_leaves(make_napari_viewer):
    """The last of 65 535 leaves stands at the end of the texture."""
    viewer = make_napari_viewer(show=True)
    count = 65_535
    leaves = np.full((3, 8, 8), count, dtype=np.uint16)
    red = np.zeros((count + 1, 4), dtype=np.float32)
    red[1:] = RED
    layer = add_leaf_layer(viewer, leaves, LeafTable(red, np.ones(count + 1, np.uint16), {}))
    layer.opacity = 1
    blue = red.copy()
    blue[-1] = BLUE
    set_table(viewer, layer, LeafTable(blue, np.ones(count + 1, np.uint16), {}))
    pixels = picture(viewer)
    assert pixels[..., 0].max() == 0
    assert pixels[..., 2].max() == 255


def test_texture_says_no_where_there_is_none():
    assert not write_texture(object(), object(), np.zeros((5, 4), np.float32))
