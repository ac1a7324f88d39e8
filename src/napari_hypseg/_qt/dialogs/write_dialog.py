"""What dialogs that write a file have in common: a format, a path, progress, a way out, and the folder to look into."""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QComboBox, QDialog, QFileDialog, QFormLayout, QLineEdit, QMessageBox, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import ActivityKind
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order

WIDTH = 460
NOTHING = "Nothing was written."


class WrittenFormat(Protocol):
    """A format: its name, its title, and the endings it is written with, the usual one first."""

    @property
    def name(self) -> str:
        """For the job."""

    @property
    def title(self) -> str:
        """For a person."""

    @property
    def written(self) -> tuple[str, ...]:
        """With their dots."""


class WriteDialog(QDialog):
    """Writes one thing in one job.

    Parameters
    ----------
    activity, kind
        What is under way, and what this dialog does.
    writing
        Tells when the file is there.
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
        self, activity: Activity, kind: ActivityKind, writing: WriteController, title: str, verb: str, thing: str,
        formats: Iterable[WrittenFormat], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._activity, self._kind, self._writing, self._thing = activity, kind, writing, thing
        self._written: Path | None = None
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self.format, self.path = QComboBox(), QLineEdit()
        for form in formats:
            self.format.addItem(f"{form.title} ({form.written[0]})", form)
        set_tooltip(self.format, f"Which programs can open the {thing}; voxel size and origin go along.")
        set_tooltip(self.path, f"The file the {thing} is written to. It appears there only when it is complete.")
        self.write = button(verb, f"Writes the {thing}; the picture stays as it is.", self._write_once_asked)
        self.reveal = button("Show folder", f"Opens the folder the {thing} was written to.", self._reveal)
        self.job = JobControls(
            activity, kind, cancel="Ends the writing; no half-written file is left.", before=[self.write],
            after=[self.reveal], close=self.reject,
        )  # fmt: skip
        self.rows = QFormLayout(self)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    @abstractmethod
    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A fitting path with that ending, in `folder` where the person has chosen one."""

    @abstractmethod
    def start(self, path: Path, format_name: str) -> None:
        """Begin the job that writes."""

    def problem(self) -> str | None:
        """Why nothing can be written, None if it can."""
        return None if self.path.text().strip() else "no file is named."

    def finish(self, *decisive: QComboBox) -> None:
        """Add what follows the rows of a dialog; the path follows the choices in `decisive`."""
        browse = button("Browse…", f"Choose the file the {self._thing} is written to.", self._browse)
        self.rows.addRow("Format", self.format)
        self.rows.addRow("File", row(self.path, browse))
        self.rows.addRow(self.job)
        for box in (*decisive, self.format):
            box.currentIndexChanged.connect(self.suggest)
        self.path.textChanged.connect(self.refresh)
        pass_wheel_to_parent(self)
        tab_in_reading_order(self)
        self._activity.changed.connect(self.refresh)
        self._writing.written.connect(self._on_written)
        self.suggest()
        self.refresh()

    def suggest(self, *_: object) -> None:
        """Suggest a path; a folder that the person chose is kept."""
        typed, form = self.path.text(), self.format.currentData()
        if form is not None:
            self.path.setText(str(self.suggestion(Path(typed).parent if typed else None, form.written[0])))

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        set_enabled(self.write, self._activity.busy or self.problem())
        set_enabled(self.reveal, None if self._written else "nothing has been written yet.")
        if not self.job.under_way and self.job.progress.status.text() and self._written is None:
            self.job.progress.rest(NOTHING)

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), self.path.text(), options=QFileDialog.Option.DontConfirmOverwrite
        )
        if chosen:
            self.path.setText(chosen)

    def _write_once_asked(self) -> None:
        path = Path(self.path.text().strip()).expanduser().absolute()
        if path.exists() and not self._may_replace(path):
            return
        self._written = None
        with reporting_errors():
            self.start(path, self.format.currentData().name)

    def _may_replace(self, path: Path) -> bool:
        answer = QMessageBox.question(self, self.windowTitle(), f"{path.name} exists already. Replace it?")
        return bool(answer == QMessageBox.StandardButton.Yes)

    def _reveal(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def _on_written(self, path: str) -> None:
        if self.job.under_way:
            self._written = Path(path)
            self.job.progress.rest(f"Written to {path}", full=True)
