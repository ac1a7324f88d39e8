"""Tooltips that show a picture larger than there is room for in a row."""

from html import escape

from qtpy.QtCore import QBuffer, QByteArray, QIODevice, Qt
from qtpy.QtGui import QPixmap

SIDE = 144


def picture_tooltip(picture: QPixmap, words: str) -> str:
    """Rich text with a picture above some words."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio).save(buffer, "PNG")
    encoded = bytes(content.toBase64().data()).decode()
    return f'<img src="data:image/png;base64,{encoded}" width="{SIDE}" height="{SIDE}"><p>{escape(words)}</p>'
