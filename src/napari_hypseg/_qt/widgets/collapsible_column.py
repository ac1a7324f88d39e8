"""The steps one below the other: as many are expanded as there is room for, the one at hand always."""

from collections.abc import Sequence

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_hypseg._qt.widgets.collapsible import Collapsible

MARGIN = 4
RESERVE = 24
"""Pixels kept free for lines that are longer than they say before they are laid out."""


class CollapsibleColumn(QWidget):
    """Folds in a column; those whose content can grow share the height that is left."""

    def __init__(self, steps: Sequence[Collapsible]) -> None:
        super().__init__()
        self._steps = tuple(steps)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        for step in self._steps:
            self._column.addWidget(step)
        self._column.addStretch(1)

    def expand_what_fits(self, order: Sequence[Collapsible], height: int) -> None:
        """Unfold the first of `order`, of the rest as many as `height` pixels have room for, and fold all others.

        `order` may name folds inside a step; they are expanded only with it.
        """
        spacing = self._column.spacing()
        left = height - RESERVE - 2 * MARGIN - sum(step.least_height + spacing for step in self._steps)
        wanted = set[Collapsible]()
        for fold in order:
            needed = _own_height(fold, order)
            if fold is order[0] or (needed <= left and self._is_in_sight(fold, wanted)):
                wanted.add(fold)
                left -= needed
        for fold in (*self._steps, *order):
            fold.expand(fold in wanted)

    def event(self, event: QEvent) -> bool:
        """Let the steps that can grow take the height that is left, whenever something asks for another one."""
        if event.type() == QEvent.Type.LayoutRequest:
            for number, step in enumerate(self._steps):
                self._column.setStretch(number, 1000 if step.can_grow else 0)
        return super().event(event)

    def _is_in_sight(self, fold: Collapsible, expanded: set[Collapsible]) -> bool:
        return all(step in expanded for step in self._steps if step.content.isAncestorOf(fold))


def _own_height(fold: Collapsible, order: Sequence[Collapsible]) -> int:
    """Pixels that the content of a fold needs, without the contents of those of `order` that lie within."""
    inner = (other for other in order if fold.content.isAncestorOf(other) and other.expanded)
    return fold.content_height - sum(other.content_height for other in inner)
