"""The list of keys names every key that the canvas listens to."""

import re

from qtpy.QtWidgets import QLabel

from napari_hypseg._qt.dialogs.key_help import GESTURES
from napari_hypseg._qt.layers.canvas_input import CanvasInput


def test_no_key_is_left_out():
    named = {word for gesture, _ in GESTURES for word in re.findall(r"[\w-]+|[\[\]]", gesture)}
    keys = {key.replace("Control", "Ctrl") for key in (*CanvasInput.KEYS, *CanvasInput.POINTING)}
    assert keys - named == set()
    assert {"[", "]", "Shift-click", "Ctrl-click"} <= named


def test_the_menu_shows_them_beside_the_work(dock):
    structures = dock.structures
    structures.menu.aboutToShow.emit()
    (entry,) = (action for action in structures.menu.actions() if action.text() == "Keys and clicks…")
    entry.trigger()
    assert dock.keys.isVisible()
    assert not dock.keys.isModal()
    told = " ".join(label.text() for label in dock.keys.findChildren(QLabel))
    assert all(effect in told for _, effect in GESTURES)
    dock.keys.close()
