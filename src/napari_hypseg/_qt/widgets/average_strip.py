"""Averages of the classes in a column, each with its number and how many particles it has, and a movie below them."""

from collections.abc import Sequence

import numpy as np
from qtpy.QtCore import QSize, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QHideEvent, QIcon, QPainter, QPixmap, QShowEvent
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_hypseg._qt.widgets.class_colours import class_colours
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.gallery_view import write_corner

SIDE = 64
WIDTH = SIDE + 50
"""With room for words below and the scroll bar."""
CLASS = Qt.ItemDataRole.UserRole
FRAME_MS = 120
MOVIE = "content"
MOVIE_TOOLTIP = "What the model draws along the main direction of the content, from one end to the other and back."


class AverageStrip(QListWidget):
    """One picture a class.

    Signals
    -------
    class_chosen
        With the number of the class that was clicked or reached by key.
    """

    class_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.TopToBottom)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setFixedWidth(WIDTH)
        self.setGridSize(QSize(WIDTH - 24, SIDE + 26))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Averages of the classes")
        set_tooltip(self, "The mean of the particles of each class, and how many there are; a click chooses them.")
        self._frames: list[QIcon] = []
        self._frame = 0
        self._playing = QTimer(self)
        self._playing.setInterval(FRAME_MS)
        self._playing.timeout.connect(self._next_frame)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def show_averages(self, classes: Sequence[int], counts: Sequence[int], pictures: Sequence[QPixmap]) -> None:
        """Show one picture for each class; class 0 stands for particles that were not sorted."""
        self.clear()
        for number, count, picture in zip(classes, counts, pictures, strict=True):
            words = f"class {number}: {count}" if number else f"all: {count}"
            item = QListWidgetItem(QIcon(_numbered(picture.scaled(SIDE, SIDE), number)), words)
            item.setData(CLASS, number)
            self.addItem(item)
        self._add_movie()

    def show_movie(self, pictures: Sequence[QPixmap]) -> None:
        """Play pictures below the averages, forth and back; none ends it."""
        forth = [QIcon(picture.scaled(SIDE, SIDE)) for picture in pictures]
        self._frames, self._frame = forth + forth[-2:0:-1], 0
        if self._has_movie:
            self.takeItem(self.count() - 1)
        self._add_movie()

    @property
    def playing(self) -> bool:
        """Whether a movie is playing."""
        return self._playing.isActive()

    def showEvent(self, event: QShowEvent) -> None:
        """Play while somebody is looking."""
        super().showEvent(event)
        self._play()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still while nobody is."""
        super().hideEvent(event)
        self._playing.stop()

    @property
    def _has_movie(self) -> bool:
        return self.count() > 0 and self.item(self.count() - 1).data(CLASS) is None

    def _add_movie(self) -> None:
        if self._frames:
            item = QListWidgetItem(self._frames[self._frame], MOVIE)
            item.setToolTip(MOVIE_TOOLTIP)
            self.addItem(item)
        self._play()

    def _play(self) -> None:
        if self._frames and self.isVisible():
            self._playing.start()
        else:
            self._playing.stop()

    def _next_frame(self) -> None:
        if self._has_movie:
            self._frame = (self._frame + 1) % len(self._frames)
            self.item(self.count() - 1).setIcon(self._frames[self._frame])

    def _choose(self, item: QListWidgetItem) -> None:
        if item.data(CLASS) is not None:
            self.class_chosen.emit(int(item.data(CLASS)))


def _numbered(picture: QPixmap, number: int) -> QPixmap:
    """A picture with the number of its class in the corner, in the colour that the class has everywhere."""
    if number:
        (rgb,) = class_colours(np.array([number])).tolist()
        painter = QPainter(picture)
        write_corner(painter, str(number), QColor.fromRgbF(*rgb))
        painter.end()
    return picture
