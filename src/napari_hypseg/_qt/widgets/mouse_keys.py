"""What a click or a key in a chart means, the same as on the regions in the canvas."""

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeyEvent

from napari_hypseg._qt.layers.canvas_input import Joins

KEYS = {
    Qt.Key.Key_Return: "Enter",
    Qt.Key.Key_Enter: "Enter",
    Qt.Key.Key_Escape: "Escape",
    Qt.Key.Key_O: "O",
    Qt.Key.Key_C: "C",
    Qt.Key.Key_Up: "Up",
    Qt.Key.Key_Down: "Down",
    Qt.Key.Key_Left: "Left",
    Qt.Key.Key_Right: "Right",
    Qt.Key.Key_BracketRight: "Up",
    Qt.Key.Key_BracketLeft: "Down",
}


def joins_of(modifiers: Qt.KeyboardModifier) -> Joins:
    """Shift adds, Ctrl (⌘ on a Mac) takes away."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return Joins.ADDS
    held = modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier)
    return Joins.TAKES if held else Joins.REPLACES


def key_name(event: QKeyEvent) -> str | None:
    """Name of a key that does something, None for all others and for those with Ctrl or Alt held."""
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return None if event.modifiers() & held else KEYS.get(Qt.Key(event.key()))
