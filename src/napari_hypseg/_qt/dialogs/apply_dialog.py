"""Apply to other volumes: which ones, and where their projects go."""

from pathlib import Path

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QDialog, QFileDialog, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import APPLY
from napari_hypseg._qt.controllers.apply import ApplyController
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg.io.registry import readable_suffixes

WIDTH = 520


class ApplyDialog(QDialog):
    """A list of volumes, one a line, and a folder; what became of each is told as it is done."""

    def __init__(
        self, folder: Path, activity: Activity, applying: ApplyController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._activity, self._applying, self._done = activity, applying, False
        self.setWindowTitle("Apply to other volumes")
        self.setMinimumWidth(WIDTH)
        self.volumes, self.out, self.told = QPlainTextEdit(), QLineEdit(str(folder / "applied")), QLabel()
        self.told.setWordWrap(True)
        set_tooltip(self.volumes, "One volume a line; several channels of one volume are joined by +, as a.mrc+b.mrc.")
        self.volumes.setPlaceholderText("No volume yet: press Add files…, or type one a line.")
        self.volumes.setTabChangesFocus(True)
        set_tooltip(self.out, "The folder in which each volume gets a project of its own, beside a table of them all.")
        add = button("Add files…", "Choose volumes of the same kind and voxel size.", self._add)
        browse = button("Browse…", "Choose the folder for the projects.", self._browse)
        self.start = button(
            "Apply",
            "Segments each volume with what was learned here: the same regions, trees and structures. The picture "
            "stays as it is; volumes that are done already are not done again.",
            self._start,
        )
        self.reveal = button("Show folder", "Opens the folder of the projects.", self._reveal)
        self.job = JobControls(
            activity, APPLY, cancel="Ends the work; volumes that are done stay.", before=[self.start],
            after=[self.reveal], close=self.reject,
        )  # fmt: skip
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Volumes", self.volumes)
        form.addRow("", add)
        form.addRow("Into", row(self.out, browse))
        form.addRow(self.told)
        form.addRow(self.job)
        pass_wheel_to_parent(self)
        tab_in_reading_order(self)
        self.volumes.textChanged.connect(self.refresh)
        self.out.textChanged.connect(self.refresh)
        activity.changed.connect(self.refresh)
        applying.told.connect(self._tell)
        applying.ended.connect(self._end)
        self.refresh()

    @property
    def chosen(self) -> list[str]:
        """The volumes that are named."""
        return [line for text in self.volumes.toPlainText().splitlines() if (line := text.strip())]

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        missing = None if self.chosen else "no volume is named."
        missing = missing or (None if self.out.text().strip() else "no folder is named.")
        set_enabled(self.start, self._activity.busy or self._applying.reason or missing)
        set_enabled(self.reveal, None if self._done else "nothing has been written yet.")

    def _add(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in readable_suffixes())
        files, _ = QFileDialog.getOpenFileNames(self, "Volumes", "", f"Volumes ({patterns});;All files (*)")
        for file in files:
            self.volumes.appendPlainText(file)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the projects", self.out.text())
        if chosen:
            self.out.setText(chosen)

    def _start(self) -> None:
        self._done = False
        self.told.clear()
        with reporting_errors():
            self._applying.apply(self.chosen, Path(self.out.text().strip()).expanduser().absolute())

    def _tell(self, sentence: str) -> None:
        self.told.setText("\n".join([*self.told.text().splitlines(), sentence]))

    def _end(self, folder: str) -> None:
        self._done = True
        self.job.progress.rest(f"Written to {folder}", full=True)
        self.refresh()

    def _reveal(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.out.text().strip()))
