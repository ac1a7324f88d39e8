"""A few words in a row, one of which is chosen: all of them are seen, unlike in a list that opens."""

from collections.abc import Mapping

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip


class SegmentedChoice(QWidget):
    """Buttons that exclude one another.

    Signals
    -------
    chosen
        With the word that a person has clicked, or reached with the arrow keys.

    Parameters
    ----------
    words
        The words, and what each of them does.
    """

    chosen = Signal(str)

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__()
        self.buttons = {word: QPushButton(word) for word in words}
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        for word, button in self.buttons.items():
            button.setCheckable(True)
            set_tooltip(button, words[word])
            self._group.addButton(button)
            layout.addWidget(button)
            button.clicked.connect(lambda _, word=word: self.chosen.emit(word))

    @property
    def current(self) -> str | None:
        """The word that is chosen, None before the first."""
        return next((word for word, button in self.buttons.items() if button.isChecked()), None)

    def show_choice(self, word: str) -> None:
        """Show another word as chosen; nothing is emitted."""
        self.buttons[word].setChecked(True)

    def set_word_enabled(self, word: str, reason: str | None) -> None:
        """Let a word be chosen, or for a `reason`, said in its tooltip, not."""
        set_enabled(self.buttons[word], reason)
