"""The settings of finding the sample: those all localizers share, and below them those of the chosen one."""

from typing import Any

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_hypseg._qt.widgets.config_form import Form, choice_box
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg.methods.registry import get_localizer, localizers
from napari_hypseg.pipeline.locate_settings import LocateSettings


class LocateForm(QWidget):
    """One row for each setting of `LocateSettings`, with the localizer's own in place of ``model``."""

    def __init__(self) -> None:
        super().__init__()
        self.method = choice_box(localizers().values())
        self.shared = Form(LocateSettings, lambda name, field: name != "model", {"method": self.method})
        self.own: Form | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.addWidget(self.shared)
        self.method.currentIndexChanged.connect(self._show_localizer)
        self._show_localizer()

    def values(self) -> dict[str, Any]:
        """What the widgets show, not yet checked."""
        return {**self.shared.values(), "model": self.own.values() if self.own else {}}

    def _show_localizer(self, *_: object) -> None:
        if self.own:
            self.own.deleteLater()
            self.own.setParent(None)
        localizer = get_localizer(self.method.currentData())
        set_tooltip(self.method, f"What learns to tell the sample from its surroundings. {localizer.description}")
        self.own = Form(localizer.settings)
        self._rows.addWidget(self.own)
