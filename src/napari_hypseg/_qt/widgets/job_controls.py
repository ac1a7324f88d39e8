"""The controls of a job, the same in every panel: pause, stop, cancel, and how far it is."""

from collections.abc import Callable, Sequence

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import ActivityKind
from napari_hypseg._qt.widgets.controls import button, row, set_enabled
from napari_hypseg._qt.widgets.progress_line import ProgressLine
from napari_hypseg.jobs import Progress, Stage


class JobControls(QWidget):
    """Buttons and progress of one kind of work; each is off, and says why, while it can do nothing.

    Parameters
    ----------
    activity
        What is under way.
    kind
        The work these controls are for.
    pause, stop, cancel
        What the buttons do to the picture, for their tooltips; a button without is left out.
    before, after
        Buttons of the panel that stand in the same row.
    close
        What the last button does while the work is not under way, for a dialog; it is called Close then.
    """

    def __init__(
        self,
        activity: Activity,
        kind: ActivityKind,
        *,
        pause: str = "",
        stop: str = "",
        cancel: str = "",
        before: Sequence[QWidget] = (),
        after: Sequence[QWidget] = (),
        close: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._activity, self._kind, self._close = activity, kind, close
        self._begun = False
        self.pause = button("Pause", pause, activity.toggle_pause)
        self.stop = button("Stop and keep", stop, activity.stop)
        self.cancel = button("Cancel", cancel, self._cancel)
        self.progress = ProgressLine()
        own = [control for control, text in ((self.pause, pause), (self.stop, stop), (self.cancel, cancel)) if text]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        parts = [row(*before, *own, *after), self.progress]
        for part in parts if close is None else reversed(parts):
            layout.addWidget(part)
        activity.changed.connect(self.refresh)
        activity.progressed.connect(self._show_progress)
        self.refresh()

    @property
    def under_way(self) -> bool:
        """Whether the work is under way."""
        return self._activity.kind is self._kind

    def refresh(self) -> None:
        """Enable what is possible now and say why the rest is not."""
        activity, kind, dialog = self._activity, self._kind, self._close is not None
        set_enabled(self.pause, activity.pause_reason(kind))
        set_enabled(self.stop, activity.stop_reason(kind))
        set_enabled(self.cancel, activity.cancel_reason(kind) if self.under_way or not dialog else None)
        self.pause.setText("Resume" if self.under_way and activity.paused else "Pause")
        self.cancel.setText("Close" if dialog and not self.under_way else "Cancel")
        self._begun |= self.under_way
        self.progress.setVisible(self.under_way or (dialog and self._begun))
        if self.under_way and activity.progress is not None:
            self._show_progress(activity.progress)
        elif not dialog:
            self.progress.rest()

    def _show_progress(self, progress: Progress) -> None:
        if self.under_way:
            self.progress.show_progress(progress, self._kind.then if progress.stage == Stage.LEARN else "")

    def _cancel(self) -> None:
        if self.under_way or self._close is None:
            self._activity.cancel()
        else:
            self._close()
