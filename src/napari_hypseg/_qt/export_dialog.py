"""Step 6, leave: a level as a mask that another program opens at the right scale."""

from pathlib import Path

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QWidget,
)

from napari_hypseg._qt.explain import allow, explain
from napari_hypseg._qt.session import Session
from napari_hypseg.io.registry import writable_formats
from napari_hypseg.jobs import Progress

WIDTH = 460
PERCENT = 100
STARTING, WRITING = "Starting", "Writing"


class ExportDialog(QDialog):
    """Which level, of which specimen, in which format, to which file."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._written: Path | None = None
        self.setWindowTitle("Export regions")
        self.setMinimumWidth(WIDTH)
        self.level, self.specimen, self.format = QComboBox(), QComboBox(), QComboBox()
        self.path = QLineEdit()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, PERCENT)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.write, self.cancel, self.reveal = QPushButton("Export"), QPushButton("Cancel"), QPushButton("Show folder")
        self._fill()
        self._lay_out()
        self._connect()
        self._suggest()
        self._refresh()

    def _fill(self) -> None:
        project = self._session.project
        if project is None:
            return
        self.level.addItem(f"as shown: {project.n_regions} regions", None)
        for level in project.levels:
            self.level.addItem(f"{level.name} ({len(level.nodes)} regions)", level.name)
        for index, record in enumerate(project.records):
            self.specimen.addItem(record.name, index)
        for form in writable_formats():
            self.format.addItem(f"{form.title} ({form.written[0]})", form)
        explain(self.level, "Which regions the mask holds: those the slider shows, or those of a kept level.")
        explain(self.specimen, "Which of the specimens the mask covers.")
        explain(
            self.format,
            "Which programs can open the mask; voxel size, origin and, where there is room, names go along.",
        )
        explain(self.path, "The file the mask is written to. It appears there only when it is complete.")
        explain(self.write, "Writes the mask; the picture stays as it is.")
        explain(self.cancel, "Ends the export; no half-written file is left.")
        explain(self.reveal, "Opens the folder the mask was written to.")
        if self.specimen.count() < 2:
            allow(self.specimen, "there is only one specimen.")

    def _lay_out(self) -> None:
        rows = QFormLayout(self)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.addRow("Regions", self.level)
        rows.addRow("Specimen", self.specimen)
        rows.addRow("Format", self.format)
        browse = QPushButton("Browse…")
        explain(browse, "Choose the file the mask is written to.")
        browse.clicked.connect(self._browse)
        rows.addRow("File", _row(self.path, browse))
        rows.addRow(self.bar)
        rows.addRow(self.status)
        rows.addRow(_row(self.write, self.cancel, self.reveal))

    def _connect(self) -> None:
        session = self._session
        for box in (self.level, self.specimen, self.format):
            box.currentIndexChanged.connect(self._suggest)
        self.path.textChanged.connect(self._refresh)
        self.write.clicked.connect(self._export)
        self.cancel.clicked.connect(self._cancel)
        self.reveal.clicked.connect(self._reveal)
        session.changed.connect(self._refresh)
        session.runner.reported.connect(self._on_event)
        session.exported.connect(self._on_exported)

    def _suggest(self) -> None:
        """Put a fitting file beside the project; a folder the person chose is kept."""
        project, form = self._session.project, self.format.currentData()
        if project is None or form is None:
            return
        typed = self.path.text()
        folder = Path(typed).parent if typed else project.path.parent
        level = self.level.currentData() or f"{project.n_regions} regions"
        stem = f"{project.records[self.specimen.currentIndex()].name} {level}".replace(" ", "-").replace("/", "-")
        self.path.setText(str(folder / f"{stem}{form.written[0]}"))

    def _refresh(self, *_: object) -> None:
        exporting = self._session.activity == "export"
        named = None if self.path.text().strip() else "no file is named."
        allow(self.write, self._session.busy or named)
        self.cancel.setText("Cancel" if exporting else "Close")
        allow(self.reveal, None if self._written else "nothing has been written yet.")
        if not exporting:
            self.bar.setRange(0, PERCENT)
            self.bar.setValue(PERCENT if self._written else 0)
            if self.status.text() in (STARTING, WRITING) and self._written is None:
                self.status.setText("Nothing was written.")

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export regions to", self.path.text(), options=QFileDialog.Option.DontConfirmOverwrite
        )
        if chosen:
            self.path.setText(chosen)

    def _export(self) -> None:
        path = Path(self.path.text().strip()).expanduser()
        if path.exists() and not self._may_replace(path):
            return
        self._written = None
        self.status.setText(STARTING)
        self._session.export(
            self.level.currentData(), self.specimen.currentIndex(), path, self.format.currentData().name
        )

    def _may_replace(self, path: Path) -> bool:
        answer = QMessageBox.question(self, "Export regions", f"{path.name} exists already. Replace it?")
        return bool(answer == QMessageBox.StandardButton.Yes)

    def _cancel(self) -> None:
        if self._session.activity == "export":
            self._session.runner.cancel()
            self.status.setText("Nothing was written.")
        else:
            self.reject()

    def _reveal(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def _on_event(self, event: object) -> None:
        if self._session.activity == "export" and isinstance(event, Progress):
            fraction = event.fraction
            self.bar.setRange(0, 0 if fraction is None else PERCENT)
            self.bar.setValue(round(PERCENT * (fraction or 0)))
            self.status.setText(WRITING)

    def _on_exported(self, path: str) -> None:
        self._written = Path(path)
        self.status.setText(f"Written to {path}")
        self._refresh()


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return row
