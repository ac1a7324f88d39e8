"""Step 6, leave: a level as a mask that another program opens at the right scale."""

from pathlib import Path

from qtpy.QtWidgets import QComboBox, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import EXPORT
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip
from napari_hypseg.io.registry import label_formats


class ExportDialog(WriteDialog):
    """Which level, of which specimen, in which format, to which file."""

    def __init__(
        self, model: WindowModel, activity: Activity, writing: WriteController, parent: QWidget | None = None
    ) -> None:
        super().__init__(activity, EXPORT, writing, "Export regions", "Export", "mask", label_formats(), parent)
        self._model = model
        self.level, self.specimen = QComboBox(), QComboBox()
        self._fill()
        self.rows.addRow("Regions", self.level)
        self.rows.addRow("Specimen", self.specimen)
        self.finish(self.level, self.specimen)

    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A file beside the project, called after specimen and level."""
        project = self._model.project
        if project is None:
            return Path(f"regions{suffix}")
        level = self.level.currentData() or f"{project.n_regions} regions"
        stem = f"{project.records[self.specimen.currentIndex()].name} {level}".replace(" ", "-").replace("/", "-")
        return (folder or project.path.parent) / f"{stem}{suffix}"

    def start(self, path: Path, format_name: str) -> None:
        """Write the mask."""
        self._writing.export(self.level.currentData(), self.specimen.currentIndex(), path, format_name)

    def _fill(self) -> None:
        project = self._model.project
        if project is None:
            return
        self.level.addItem(f"as shown: {project.n_regions} regions", None)
        for level in project.levels:
            self.level.addItem(f"{level.name} ({len(level.nodes)} regions)", level.name)
        for index, record in enumerate(project.records):
            self.specimen.addItem(record.name, index)
        set_tooltip(self.level, "Which regions the mask holds: those the slider shows, or those of a kept level.")
        set_tooltip(self.specimen, "Which of the specimens the mask covers.")
        if self.specimen.count() < 2:
            set_enabled(self.specimen, "there is only one specimen.")
