"""The icon of a row: a square of its colour and a small picture beside it."""

from collections.abc import Sequence

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPixmap

SWATCH, PICTURE, GAP = 12, 24, 4
"""Edges of the square and of the picture, and what is between them, in pixels."""


def swatch_size() -> QSize:
    """Of every such icon, with or without a picture, so that names stand in line."""
    return QSize(SWATCH + GAP + PICTURE, PICTURE)


def swatch_icon(colour: Sequence[float], picture: QPixmap | None) -> QIcon:
    """An icon of `colour`, red, green and blue from 0 to 1; the picture is left out where there is none yet."""
    made = QPixmap(swatch_size())
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.fillRect(0, (PICTURE - SWATCH) // 2, SWATCH, SWATCH, QColor.fromRgbF(*colour))
    if picture is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(SWATCH + GAP, 0, PICTURE, PICTURE, picture)
    painter.end()
    icon = QIcon(made)
    icon.addPixmap(made, QIcon.Mode.Selected)  # a chosen row does not tint it
    return icon
