"""Finding structures by name: what is typed in the list narrows it down, in a line that is there while it is needed."""

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from napari_hypseg._qt.panels.structure_tree import StructureTree
from napari_hypseg._qt.widgets.controls import set_tooltip

MANY = 8
"""Structures from which on the line is always there."""
INTO_TREE = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class StructureSearch(QWidget):
    """The line and how many are found; Escape clears it, the arrow keys go from it to what is found.

    Parameters
    ----------
    tree
        The list that is narrowed down.
    """

    def __init__(self, tree: StructureTree) -> None:
        super().__init__()
        self._tree = tree
        self.line, self.found = _Line(self), QLabel()
        self.line.setPlaceholderText("Search by name")
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Search structures")
        set_tooltip(
            self.line, "Lists only structures whose name holds this, and those they lie inside; Escape lists all again."
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.found)
        self.line.textChanged.connect(self._search)
        tree.typed.connect(self._begin)
        self.refresh()

    def refresh(self) -> None:
        """Count anew, and show the line where it is of use."""
        text, listed = self.line.text().strip(), self._tree.count
        found = len(self._tree.hits)
        self.found.setText(f"{found} of {listed}")
        self.found.setVisible(bool(text))
        self.setVisible(bool(self.line.text()) or self.line.hasFocus() or listed >= MANY)

    def clear(self) -> bool:
        """List all again; gives whether anything was left out."""
        narrowed = bool(self.line.text())
        self.line.clear()
        return narrowed

    def leave(self) -> None:
        """Go to the list, to the first that is found unless one of them is chosen."""
        self._tree.setFocus()
        current, hits = self._tree.currentItem(), self._tree.hits
        if hits and (current is None or current not in hits):
            self._tree.setCurrentItem(hits[0])
        self.refresh()

    def _begin(self, text: str) -> None:
        self.show()
        self.line.setFocus()
        self.line.insert(text)

    def _search(self, text: str) -> None:
        self._tree.search(text)
        self.refresh()


class _Line(QLineEdit):
    """Keys that a line of text has no use for lead back to the list."""

    def __init__(self, search: StructureSearch) -> None:
        super().__init__()
        self._search = search

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear with Escape, leave with the arrow keys and Enter."""
        if event.key() == Qt.Key.Key_Escape:
            self._search.clear()
            self._search.leave()
        elif event.key() in INTO_TREE:
            self._search.leave()
        else:
            super().keyPressEvent(event)
