"""The question whether ticked volumes of one size are channels or specimens; it shows only where it matters."""

from collections.abc import Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from napari_hypseg._qt.layers.grouping import Role
from napari_hypseg._qt.widgets.controls import set_tooltip


class RoleChoice(QWidget):
    """A question and two answers, neither of which is taken for granted.

    Signals
    -------
    answered
        The person has chosen; `answer` says what.
    """

    answered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.question = QLabel()
        self.question.setWordWrap(True)
        self.channels, self.specimens = QRadioButton("channels of one specimen"), QRadioButton()
        set_tooltip(self.channels, "They are seen together and give one picture of regions.")
        set_tooltip(self.specimens, "Each gets its own picture; the same colours mean the same kind of region.")
        self._buttons = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.question)
        for button in (self.channels, self.specimens):
            self._buttons.addButton(button)
            layout.addWidget(button)
        self._buttons.buttonClicked.connect(lambda _: self.answered.emit())
        self.setVisible(False)

    @property
    def answer(self) -> Role | None:
        """What was chosen, None before that."""
        checked = {self.channels: Role.CHANNELS, self.specimens: Role.SPECIMENS}
        return next((role for button, role in checked.items() if button.isChecked()), None)

    def show_question(self, names: Sequence[str], role: Role | None) -> None:
        """Ask about the volumes called `names`, of which `role` is known."""
        mark = "⚠ " if role is None else ""
        self.question.setText(f"{mark}{_listed(names)} have one size. They are")
        self.specimens.setText("two specimens" if len(names) == 2 else f"{len(names)} specimens")
        self._buttons.setExclusive(False)
        for button, meant in ((self.channels, Role.CHANNELS), (self.specimens, Role.SPECIMENS)):
            button.setChecked(role is meant)
        self._buttons.setExclusive(True)
        self.setVisible(True)


def _listed(names: Sequence[str]) -> str:
    """A few names as a person lists them."""
    return " and ".join(names) if len(names) == 2 else f"{len(names)} volumes ({names[0]} …)"
