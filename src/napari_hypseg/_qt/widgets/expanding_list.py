"""A list that asks for little height and takes what there is."""

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QListWidget, QSizePolicy


class ExpandingList(QListWidget):
    """A list of at least `least` pixels, which grows where there is room."""

    def __init__(self, least: int) -> None:
        super().__init__()
        self._least = least
        self.setMinimumHeight(least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """As low as it may be."""
        return QSize(super().sizeHint().width(), self._least)
