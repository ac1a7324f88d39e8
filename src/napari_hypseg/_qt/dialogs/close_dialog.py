"""Confirmation before the panel, or napari, is closed while work is under way."""

from collections.abc import Callable
from functools import partial
from typing import Any

from napari.utils.task_status import Status
from qtpy.QtCore import QObject
from qtpy.QtWidgets import QDockWidget, QMessageBox, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.model import WindowModel


def consequence(activity: Activity, model: WindowModel) -> str | None:
    """What closing does to the work under way, None if there is none."""
    if activity.kind is None or activity.ending or not activity.kind.closing:
        return None
    return activity.kind.closing.format(project="the project" if model.project is None else model.project.path.name)


def confirm_before_close(panel: QWidget, what_ends: Callable[[], str | None]) -> None:
    """Let the cross of the dock widget around `panel` ask while `what_ends` says that something would end.

    napari offers no veto: the cross calls ``destroyOnClose`` of the dock widget, which is replaced on this one object.
    """
    dock: Any = panel.parent()
    if isinstance(dock, QDockWidget) and hasattr(dock, "destroyOnClose"):
        dock.destroyOnClose = partial(_close, dock, type(dock).destroyOnClose, what_ends)


def _close(dock: QDockWidget, close: Callable[[QDockWidget], None], what_ends: Callable[[], str | None]) -> None:
    sentence = what_ends()
    if sentence is None or confirm_close(sentence, dock):
        close(dock)


def confirm_close(sentence: str, parent: QWidget) -> bool:
    """Ask whether to close although `sentence` is so."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Work is under way")
    box.setText(sentence)
    box.addButton("Close and end it", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Go on working", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is not stay


class WindowStatus(QObject):
    """Tells napari's window what is under way, so that it asks before it closes, as for napari's own workers.

    What they use is private to napari; where it is missing, napari closes without asking.
    """

    def __init__(self, activity: Activity, window: Any, end: Callable[[], None]) -> None:
        super().__init__(activity)
        self._activity, self._window, self._end = activity, window, end
        self._task: Any = None
        if hasattr(window, "_register_task_status"):
            activity.changed.connect(self._follow)

    def _follow(self) -> None:
        reason = self._activity.busy
        if reason is not None and self._task is None:
            self._task = self._window._register_task_status("Hypseg", Status.BUSY, reason, self._end)
        elif reason is None and self._task is not None:
            self._window._update_task_status(self._task, Status.COMPLETED)
            self._task = None
