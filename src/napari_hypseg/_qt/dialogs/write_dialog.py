"""What dialogs that write a file have in common: a format, a path, progress, a way out, and the folder to look into."""

from collections.abc import Iterable
from pathlib import Path

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QComboBox, QDialog, QFileDialog, QFormLayout, QLineEdit, QMessageBox, QWidget

from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.session import Session
from napari_hypseg._qt.widgets.buttons import button, row
from napari_hypseg._qt.widgets.progress_line import ProgressLine
from napari_hypseg._qt.widgets.tooltips import set_enabled, set_tooltip
from napari_hypseg._qt.widgets.wheel_filter import pass_wheel_to_parent
from napari_hypseg.io.format import Format
from napari_hypseg.jobs import Progress

WIDTH = 460
NOTHING = "Nothing was written."


class WriteDialog(QDialog):
    """Writes one thing in one job of the session, called `activity` there.

    Parameters
    ----------
    title
        Of the window.
    verb
        On the button that writes.
    thing
        What is written, in tooltips.
    formats
        What it can be written as.
    """

    def __init__(
        self, session: Session, activity: str, title: str, verb: str, thing: str, formats: Iterable[Format],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._activity, self._thing = session, activity, thing
        self._written: Path | None = None
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self.format, self.path, self.progress = QComboBox(), QLineEdit(), ProgressLine()
        for form in formats:
            self.format.addItem(f"{form.title} ({form.written[0]})", form)
        set_tooltip(self.format, f"Which programs can open the {thing}; voxel size and origin go along.")
        set_tooltip(self.path, f"The file the {thing} is written to. It appears there only when it is complete.")
        self.write = button(verb, f"Writes the {thing}; the picture stays as it is.", self._write_once_asked)
        self.cancel = button("Cancel", "Ends the writing; no half-written file is left.", self._cancel)
        self.reveal = button("Show folder", f"Opens the folder the {thing} was written to.", self._reveal)
        self.rows = QFormLayout(self)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A fitting path with that ending, in `folder` where the person has chosen one."""
        raise NotImplementedError

    def start(self, path: Path, format_name: str) -> None:
        """Let the session write."""
        raise NotImplementedError

    def problem(self) -> str | None:
        """Why nothing can be written, None if it can."""
        return None if self.path.text().strip() else "no file is named."

    def finish(self, *decisive: QComboBox) -> None:
        """Add what follows the rows of a dialog; the path follows the choices in `decisive`."""
        browse = button("Browse…", f"Choose the file the {self._thing} is written to.", self._browse)
        self.rows.addRow("Format", self.format)
        self.rows.addRow("File", row(self.path, browse))
        self.rows.addRow(self.progress)
        self.rows.addRow(row(self.write, self.cancel, self.reveal))
        for box in (*decisive, self.format):
            box.currentIndexChanged.connect(self.suggest)
        self.path.textChanged.connect(self.refresh)
        pass_wheel_to_parent(self)
        self._session.changed.connect(self.refresh)
        self._session.runner.reported.connect(self._on_event)
        self._session.written.connect(self._on_written)
        self.suggest()
        self.refresh()

    def suggest(self, *_: object) -> None:
        """Suggest a path; a folder that the person chose is kept."""
        typed, form = self.path.text(), self.format.currentData()
        if form is not None:
            self.path.setText(str(self.suggestion(Path(typed).parent if typed else None, form.written[0])))

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        writing = self._session.activity == self._activity
        set_enabled(self.write, self._session.busy or self.problem())
        set_enabled(self.cancel, "it is being ended." if writing and self._session.ending else None)
        set_enabled(self.reveal, None if self._written else "nothing has been written yet.")
        self.cancel.setText("Cancel" if writing else "Close")
        if not writing and self.progress.status.text() and self._written is None:
            self.progress.rest(NOTHING)

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), self.path.text(), options=QFileDialog.Option.DontConfirmOverwrite
        )
        if chosen:
            self.path.setText(chosen)

    def _write_once_asked(self) -> None:
        path = Path(self.path.text().strip()).expanduser()
        if path.exists() and not self._may_replace(path):
            return
        self._written = None
        with reporting_errors():
            self.start(path, self.format.currentData().name)
            self.progress.show_progress(Progress("start", 0))

    def _may_replace(self, path: Path) -> bool:
        answer = QMessageBox.question(self, self.windowTitle(), f"{path.name} exists already. Replace it?")
        return bool(answer == QMessageBox.StandardButton.Yes)

    def _cancel(self) -> None:
        if self._session.activity == self._activity:
            self._session.cancel()
        else:
            self.reject()

    def _reveal(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def _on_event(self, event: object) -> None:
        if self._session.activity == self._activity and isinstance(event, Progress):
            self.progress.show_progress(event)

    def _on_written(self, path: str) -> None:
        if self._session.activity == self._activity:
            self._written = Path(path)
            self.progress.rest(f"Written to {path}", full=True)
