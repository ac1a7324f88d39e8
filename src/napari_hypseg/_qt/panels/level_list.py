"""The kept levels: tick to show, rename in place, remove, go back to."""

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from napari_hypseg._qt.controllers.levels import LevelController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip
from napari_hypseg._qt.widgets.scrolling import ExpandingList

HEIGHT = 84
NO_LEVEL = "No level is kept yet: Keep this level adds what the slider shows now."
NAME = Qt.ItemDataRole.UserRole


class LevelList(QWidget):
    """Names of the kept levels of the project at hand."""

    regions_requested = Signal(int)

    def __init__(self, model: WindowModel, levels: LevelController) -> None:
        super().__init__()
        self._model, self._levels = model, levels
        self._reason: str | None = None
        self._fixed: str | None = None
        self.list = ExpandingList(HEIGHT, NO_LEVEL)
        self.list.setAccessibleName("Kept levels")
        set_tooltip(
            self.list,
            "Kept levels. Tick one to see it in place of the slider's regions; double-click or F2 renames it.",
        )
        self.list.setEditTriggers(QListWidget.EditTrigger.DoubleClicked | QListWidget.EditTrigger.EditKeyPressed)
        self.back = QPushButton("Go to")
        self.rename = QPushButton("Rename")
        self.remove = QPushButton("Remove")
        set_tooltip(self.back, "Moves the slider to as many regions as the chosen level has.")
        set_tooltip(self.rename, "Gives the chosen level another name, in this list and in the list of layers.")
        set_tooltip(self.remove, "Takes the chosen level out of the picture and forgets it.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        buttons = QHBoxLayout()
        for button in (self.back, self.rename, self.remove):
            buttons.addWidget(button)
        layout.addLayout(buttons)
        self.list.itemChanged.connect(self._on_changed)
        self.list.currentItemChanged.connect(lambda *_: self._update_enabled())
        self.back.clicked.connect(self._go_back)
        self.rename.clicked.connect(lambda: self.list.editItem(self.list.currentItem()))
        self.remove.clicked.connect(self._remove)
        for changed in (model.project_changed, model.levels_changed, model.visibility_changed):
            changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """List the project's levels, ticked where their layers show."""
        levels, before = self._model.levels, self.names()
        fresh = [level.name for level in levels if level.name not in before]
        chosen = fresh[0] if len(fresh) == 1 else self._chosen()
        self.list.blockSignals(True)
        self.list.clear()
        for level in levels:
            item = QListWidgetItem(level.name)
            item.setData(NAME, level.name)
            if self._model.locked is None:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setCheckState(self._state(level.name))
            self.list.addItem(item)
            if level.name == chosen:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(self.list.count() - 1)
        self.list.blockSignals(False)
        self._update_enabled()

    def names(self) -> list[str]:
        """The levels in the list."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def set_enabled(self, reason: str | None, fixed: str | None) -> None:
        """Switch the list off for `reason`, or on for None; for `fixed` it may be looked at and not changed."""
        self._reason, self._fixed = reason, fixed
        self._update_enabled()

    def _update_enabled(self) -> None:
        reason = self._reason or (None if self._chosen() else "no level is kept yet.")
        for control in (self.list, self.back):
            set_enabled(control, reason)
        for control in (self.rename, self.remove):
            set_enabled(control, reason or self._fixed)

    def _chosen(self) -> str | None:
        row = self.list.currentRow()
        return None if row < 0 else str(self.list.item(row).data(NAME))

    def _on_changed(self, item: QListWidgetItem) -> None:
        name = str(item.data(NAME))
        with reporting_errors():
            if item.text() != name:
                self._levels.rename(name, item.text().strip())
            else:
                self._levels.show(name if item.checkState() == Qt.CheckState.Checked else None)
        self.refresh()

    def _go_back(self) -> None:
        for level in self._model.levels:
            if level.name == self._chosen():
                self.regions_requested.emit(len(level.nodes))

    def _remove(self) -> None:
        name = self._chosen()
        if name is not None:
            with reporting_errors():
                self._levels.remove(name)

    def _state(self, name: str) -> Qt.CheckState:
        return Qt.CheckState.Checked if name in self._model.visible_levels else Qt.CheckState.Unchecked
