"""Layers added in turns: no more than one piece of napari's work at a time, and nothing drawn that nobody sees."""

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image

from napari_hypseg._napari.layer_sync import add_leaf_layer
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._qt.layers.add_layers import add_layers
from napari_hypseg.volumes import Box

GREY = np.zeros((4, 5, 6), dtype=np.float32)


def test_one_layer_is_added_shown_or_selected_in_a_turn():
    viewer, said = ViewerModel(), []
    viewer.layers.events.inserted.connect(lambda event: said.append("added"))
    viewer.layers.selection.events.active.connect(lambda event: said.append("selected"))
    turns = []
    for _ in add_layers(viewer, [(GREY, {"name": "seen"}, "image"), Image(GREY, name="hidden", visible=False)]):
        turns.append((tuple(said), [layer.visible for layer in viewer.layers]))
        said.clear()
    assert [turn for turn in turns if turn[0]] == [
        (("added",), [False]),
        (("added",), [True, False]),
        (("selected",), [True, False]),
    ]
    assert all(len(said) <= 1 for said, _ in turns)
    assert viewer.dims.ndim == 3


def test_a_layer_that_goes_meanwhile_is_not_selected():
    viewer = ViewerModel()
    for _ in add_layers(viewer, [Image(GREY)]):
        viewer.layers.clear()
    assert not viewer.layers


def test_what_is_selected_stays_so_and_nobody_is_told_otherwise():
    viewer, said = ViewerModel(), []
    first = viewer.add_image(GREY)
    viewer.layers.selection.events.changed.connect(lambda event: said.append(event))
    add_unselected(viewer, Image(GREY))
    assert (viewer.layers.selection.active, said) == (first, [])
    assert viewer.add_image(GREY) is viewer.layers.selection.active


def test_napari_draws_no_tools_of_painting_on_regions_and_no_points_of_a_box(viewer, dock, qtbot):
    canvas = viewer.window._qt_viewer.canvas
    regions = add_leaf_layer(viewer, np.ones((4, 5, 6), np.uint16), LeafTable(np.ones((2, 4)), np.arange(2), {}))
    assert not canvas._layer_overlay_to_visual[regions]
    dock.workspace.boxes.put(dock.specimens.groups(), Box((2, 3, 6), (7, 14, 30)))
    box = next(layer for layer in viewer.layers if layer.name.startswith("sample box"))
    qtbot.waitUntil(lambda: box.bounding_box.visible)
    assert len(canvas._layer_overlay_to_visual[box]) == 2
    assert not any(part.visible for part in canvas.layer_to_visual[box].node._subvisuals)
