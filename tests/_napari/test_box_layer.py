from types import SimpleNamespace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Labels
from napari.utils._proxies import ReadOnlyWrapper
from napari.utils.interactions import mouse_move_callbacks, mouse_press_callbacks, mouse_release_callbacks

from napari_hypseg._napari.box_drag import START
from napari_hypseg._napari.box_layer import BoxLayer
from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg.volumes import Box

SHAPE = (20, 30, 40)
BOX = Box((4, 5, 6), (14, 20, 30))
PLACE = placement_keywords((40.0, 10.0, 5.0), "angstrom", (100.0, -20.0, 7.0))
ORDERS = [(0, 1, 2), (1, 0, 2), (2, 0, 1)]


@pytest.fixture
def viewer():
    """A viewer without a window, on a volume with voxels that are no cubes; 1 Å of it is 1 pixel."""
    viewer = ViewerModel()
    viewer.add_image(np.zeros(SHAPE, dtype=np.uint8), name="tomo", **PLACE)
    return viewer


@pytest.fixture
def box(viewer):
    return BoxLayer(viewer, SHAPE, BOX, **PLACE)


@pytest.fixture
def mouse(viewer):
    """Function that brings the mouse somewhere, with or without a button, at a voxel (z, y, x) in the slice in view."""

    def act(kind, voxel, modifiers=(), button=1):
        world = np.array(voxel) * PLACE["scale"] + PLACE["translate"]
        for axis in viewer.dims.not_displayed:
            world[axis] = viewer.dims.point[axis]
        event = SimpleNamespace(
            type=f"mouse_{kind}", position=tuple(world), modifiers=modifiers, button=button,
            is_dragging=bool(viewer._mouse_drag_gen), handled=False, dims_displayed=list(viewer.dims.displayed),
        )  # fmt: skip
        callbacks = {"press": mouse_press_callbacks, "move": mouse_move_callbacks, "release": mouse_release_callbacks}
        callbacks[kind](viewer, ReadOnlyWrapper(event, exceptions=("handled",)))

    return act


def _drag(mouse, start, stop, **keywords):
    mouse("press", start, **keywords)
    mouse("move", stop, **keywords)
    mouse("release", stop, **keywords)


def _told(box):
    said = []
    box.changed.connect(said.append)
    return said


def test_the_box_lies_on_the_volume_and_leaves_napari_sliders_alone(viewer):
    before = viewer.dims.range
    box = BoxLayer(viewer, SHAPE, Box((-5, 0, 0), (99, 99, 99)), **PLACE)
    assert box.box == Box.whole(SHAPE)
    assert viewer.dims.range == before
    assert viewer.layers.selection.active.name == "tomo"
    np.testing.assert_allclose(box.layer._extent_augmented.world, viewer.layers["tomo"]._extent_augmented.world)


@pytest.mark.parametrize("order", ORDERS)
def test_a_side_is_dragged_in_every_orientation_and_nothing_but_it_moves(viewer, box, mouse, order):
    viewer.dims.order = order
    said, (across, rows, columns) = _told(box), order
    viewer.dims.set_point(across, PLACE["translate"][across] + 10 * PLACE["scale"][across])
    grabbed = [10, 10, 10]
    grabbed[rows] = BOX.start[rows] - 0.5
    target = list(grabbed)
    target[rows] += 3.2
    target[columns] += 2
    _drag(mouse, grabbed, target)
    expected = list(BOX.start)
    expected[rows] += 3
    assert box.box == Box(tuple(expected), BOX.stop)
    assert said == [box.box]


@pytest.mark.parametrize("order", ORDERS)
def test_a_corner_moves_both_its_sides(viewer, box, mouse, order):
    viewer.dims.order = order
    _, rows, columns = order
    corner = [10, 10, 10]
    for axis in (rows, columns):
        corner[axis] = BOX.stop[axis] - 0.5
    target = [place + 2 if axis in (rows, columns) else place for axis, place in enumerate(corner)]
    _drag(mouse, corner, target)
    assert box.box.start == BOX.start
    assert [b - a for a, b in zip(BOX.stop, box.box.stop, strict=True)] == [
        2 * (a in (rows, columns)) for a in range(3)
    ]


def test_every_move_is_told_and_the_camera_stays_meanwhile(viewer, box, mouse):
    said = _told(box)
    mouse("press", (10, 4.5, 18))
    assert not viewer.scene.camera.mouse_pan
    for y in (5, 6, 7, 8):
        mouse("move", (10, y - 0.5, 18))
    mouse("release", (10, 7.5, 18))
    assert viewer.scene.camera.mouse_pan
    assert [b.start[1] for b in said] == [6, 7, 8]


def test_dragging_inside_or_beside_the_box_is_left_to_the_camera(viewer, box, mouse):
    for place in ((10, 12, 18), (10, 25, 35), (10, 4.5, 1)):
        mouse("press", place)
        assert viewer.scene.camera.mouse_pan
        mouse("move", (10, 14, 20))
        mouse("release", (10, 14, 20))
    _drag(mouse, (10, 4.5, 18), (10, 8, 18), button=2)
    _drag(mouse, (10, 4.5, 18), (10, 8, 18), modifiers=("Control",))
    assert box.box == BOX


def test_shift_moves_the_whole_box_in_the_plane_up_to_the_border(box, mouse):
    _drag(mouse, (10, 12, 18), (10, 14, -90), modifiers=("Shift",))
    assert box.box == Box((4, 7, 0), (14, 22, 24))


def test_a_slice_beside_the_box_shows_it_faintly_and_out_of_reach(viewer, box, mouse):
    lines = box.layer.bounding_box
    full = lines.opacity
    viewer.dims.set_current_step(0, 3)
    assert lines.opacity < full / 2
    _drag(mouse, (3, 4.5, 18), (3, 8, 18))
    assert box.box == BOX
    viewer.dims.set_current_step(0, 4)
    assert lines.opacity == full
    box.set_box(Box((5, 5, 6), (14, 20, 30)))
    assert lines.opacity < full / 2
    viewer.dims.ndisplay = 3
    assert lines.opacity == full


def test_the_mouse_says_what_it_is_on(viewer, box, mouse):
    grips, lines = [], box.layer.bounding_box
    box.hovered.connect(grips.append)
    thin = lines.line_thickness
    mouse("move", (10, 4.5, 18))
    assert (viewer.cursor.style, "drag" in viewer.help) == ("pointing", True)
    assert lines.line_thickness > thin
    mouse("move", (10, 12, 18))
    assert (viewer.cursor.style, viewer.help) == ("standard", viewer.layers["tomo"].help)
    assert lines.line_thickness == thin
    assert grips == [{(1, START)}, frozenset()]


def test_a_brush_paints_across_the_box_and_a_hidden_box_is_not_dragged(viewer, box, mouse):
    painted = Labels(np.zeros(SHAPE, dtype=np.uint8), **PLACE)
    viewer.add_layer(painted)
    painted.mode = "paint"
    _drag(mouse, (10, 4.5, 18), (10, 8, 18))
    painted.mode = "pan_zoom"
    box.layer.visible = False
    _drag(mouse, (10, 4.5, 18), (10, 8, 18))
    assert box.box == BOX
    box.layer.visible = True
    _drag(mouse, (10, 4.5, 18), (10, 8, 18))
    assert box.box != BOX


def test_where_two_boxes_share_a_side_one_is_dragged(viewer, box, mouse):
    other = BoxLayer(viewer, SHAPE, BOX, **PLACE)
    _drag(mouse, (10, 4.5, 18), (10, 8, 18))
    assert [b.box == BOX for b in (box, other)] == [False, True]


def test_setting_the_box_echoes_nothing(box):
    said = _told(box)
    box.set_box(Box((0, 0, 0), (99, 1, 1)))
    assert box.box == Box((0, 0, 0), (20, 1, 1))
    assert said == []


@pytest.mark.parametrize("by_hand", [True, False])
def test_the_box_ends_with_its_layer(viewer, box, mouse, by_hand):
    ended, callbacks = [], (len(viewer.mouse_drag_callbacks), len(viewer.mouse_move_callbacks))
    box.removed.connect(lambda: ended.append(True))
    mouse("move", (10, 4.5, 18))
    viewer.layers.remove(box.layer) if by_hand else box.remove()
    assert ended == [True]
    assert viewer.cursor.style == "standard"
    assert (len(viewer.mouse_drag_callbacks), len(viewer.mouse_move_callbacks)) == tuple(n - 1 for n in callbacks)
    box.remove()
    mouse("move", (10, 4.5, 18))
    viewer.dims.set_current_step(0, 3)


def test_a_box_follows_a_corrected_voxel_size(viewer, box, mouse):
    for layer in viewer.layers:
        layer.scale = (1, 1, 1)
        layer.translate = (0, 0, 0)
    viewer.scene.camera.zoom = 100
    viewer.dims.set_current_step(0, 10)
    world = (np.array((10, 4.5, 18)) - PLACE["translate"]) / PLACE["scale"]  # undone by the mouse
    _drag(mouse, world, (np.array((10, 7.5, 18)) - PLACE["translate"]) / PLACE["scale"])
    assert box.box.start == (4, 8, 6)


def test_an_axis_of_time_in_the_viewer_does_no_harm(viewer, box, mouse):
    viewer.add_image(np.zeros((3, *SHAPE), dtype=np.uint8), scale=(1, *PLACE["scale"]))
    viewer.dims.order = (1, 2, 0, 3)
    viewer.dims.order = (0, 1, 2, 3)
    assert box.box == BOX


def test_nobody_draws_on_the_layer_or_turns_it(viewer, box):
    viewer.dims.ndisplay = 3
    viewer.dims.ndisplay = 2
    box.layer.editable = True
    for mode in ("add", "transform"):
        box.layer.mode = mode
        assert box.layer.mode == "pan_zoom"
