"""A titled section that folds away, so that a narrow dock shows the step at hand."""

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_hypseg._qt.widgets.controls import set_tooltip

ARROW = 36
"""Pixels beside the text that the arrow and the padding take."""
SPACING = 2


class Collapsible(QFrame):
    """`content` under a button that shows and hides it.

    Signals
    -------
    toggled
        The content shows, or does not any more.
    pressed
        The same, by the person's own hand.
    """

    toggled = Signal(bool)
    pressed = Signal()

    def __init__(self, title: str, content: QWidget, *, expanded: bool = True, prominent: bool = True) -> None:
        super().__init__()
        self.content = content
        self._title = title
        self._button = QToolButton()
        self._button.setCheckable(True)
        self._button.setChecked(expanded)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        weight = "font-weight: bold; padding: 5px;" if prominent else "padding: 2px;"
        self._button.setStyleSheet(f"QToolButton {{ border: none; text-align: left; {weight} }}")
        set_tooltip(self._button, f"Shows or hides: {title.lstrip('0123456789 ')}.")
        self._button.toggled.connect(self._show)
        self._button.clicked.connect(lambda: self.pressed.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self._button)
        layout.addWidget(content)
        self.set_summary("")
        self._show(expanded)

    @property
    def expanded(self) -> bool:
        """Whether the content shows."""
        return self._button.isChecked()

    @property
    def least_height(self) -> int:
        """Pixels that it needs while folded."""
        return self._button.sizeHint().height()

    @property
    def content_height(self) -> int:
        """Pixels that it needs more while expanded."""
        return self.content.sizeHint().height() + SPACING

    @property
    def can_grow(self) -> bool:
        """Whether what shows takes more height where there is some."""
        layout = self.content.layout()
        return self.expanded and layout is not None and bool(layout.expandingDirections() & Qt.Orientation.Vertical)

    def expand(self, expanded: bool = True) -> None:
        """Show or hide the content."""
        self._button.setChecked(expanded)

    def set_summary(self, summary: str) -> None:
        """Say in a few words beside the title what is inside."""
        self.summary = summary
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A long summary gives way: it must not make the panel wider than its place."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        text = f"{self._title}  ·  {self.summary}" if self.summary else self._title
        room = self.width() - ARROW
        self._button.setText(self._button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))

    def _show(self, expanded: bool) -> None:
        self._button.setArrowType(Qt.ArrowType.DownArrow if expanded else Qt.ArrowType.RightArrow)
        self.content.setVisible(expanded)
        self.toggled.emit(expanded)
