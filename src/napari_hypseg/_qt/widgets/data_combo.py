"""Choices that change while a person looks at them."""

from collections.abc import Mapping

from qtpy.QtWidgets import QComboBox


def fill(box: QComboBox, texts: Mapping[int, str]) -> None:
    """Offer `texts` by their data and tell nobody; what was chosen stays so, else the first is."""
    if [(box.itemData(n), box.itemText(n)) for n in range(box.count())] == list(texts.items()):
        return
    before = box.currentData()
    box.blockSignals(True)
    box.clear()
    for data, text in texts.items():
        box.addItem(text, data)
    box.setCurrentIndex(max(0, box.findData(before)) if texts else -1)
    box.blockSignals(False)
