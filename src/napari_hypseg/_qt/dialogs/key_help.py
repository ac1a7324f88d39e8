"""All that the mouse and the keys do over the picture, in one place to look it up."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QGridLayout, QLabel, QWidget

from napari_hypseg._qt.widgets.controls import button

GESTURES = (
    ("Click", "chooses the region or the structure there; once more, the region inside the structure"),
    ("Shift-click", "adds the region to what is selected, or to the chosen structure"),
    ("Ctrl-click (⌘ on a Mac)", "takes the region away"),
    ("Shift and the wheel, ] and [", "walk from the region clicked last to a larger one, and back"),
    ("Enter", "makes what is selected a structure, or adds it to the chosen one"),
    ("Escape", "lets go of what is selected, suggested or marked"),
    ("G", "adds or takes only the piece under the mouse, not all places of its region"),
    ("F", "makes the piece under the mouse a structure of its own"),
    ("A, B, then D", "divides what is marked with A from what is marked with B"),
    ("O and C", "open a region into its parts, and close it again, there alone"),
    ("Delete", "removes the chosen structure; its voxels are regions again"),
    ("Ctrl-Z and Ctrl-Shift-Z", "undo and redo"),
)
"""What one does, and what it does, while the layer of regions is the active one."""
WIDTH = 640


class KeyHelp(QDialog):
    """A table that may stay open while one works."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and clicks over the picture")
        self.setMinimumWidth(WIDTH)
        rows = QGridLayout(self)
        rows.setHorizontalSpacing(16)
        rows.setColumnStretch(1, 1)
        for number, (gesture, effect) in enumerate(GESTURES):
            words = QLabel(effect)
            words.setWordWrap(True)
            rows.addWidget(QLabel(f"<b>{gesture}</b>"), number, 0, Qt.AlignmentFlag.AlignTop)
            rows.addWidget(words, number, 1)
        close = button("Close", "Closes this list; it is in the menu More… again.", self.reject)
        rows.addWidget(close, len(GESTURES), 0, 1, 2, Qt.AlignmentFlag.AlignRight)
