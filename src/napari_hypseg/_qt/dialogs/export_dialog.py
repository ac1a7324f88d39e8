"""Step 6, leave: a level as a mask that another program opens at the right scale."""

from collections.abc import Sequence
from pathlib import Path

from qtpy.QtWidgets import QComboBox, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import EXPORT
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip
from napari_hypseg.io.registry import label_formats
from napari_hypseg.project.label_choice import LabelChoice

MOST_NAMES = 4
"""Structures that are named where all are meant."""


class ExportDialog(WriteDialog):
    """Which level, of which specimen, in which format, to which file."""

    def __init__(
        self, model: WindowModel, activity: Activity, writing: WriteController, parent: QWidget | None = None
    ) -> None:
        super().__init__(activity, EXPORT, writing, "Export", "Export", "mask", label_formats(), parent)
        self._model = model
        self.level, self.specimen = QComboBox(), QComboBox()
        self._fill()
        self.rows.addRow("Labels", self.level)
        self.rows.addRow("Specimen", self.specimen)
        self.finish(self.level, self.specimen)

    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A file beside the project, called after specimen and choice."""
        project = self._model.project
        if project is None:
            return Path(f"regions{suffix}")
        choice: LabelChoice = self.level.currentData()
        stem = f"{project.records[self.specimen.currentIndex()].name} {_called(choice)}"
        return (folder or project.path.parent) / f"{stem.replace(' ', '-').replace('/', '-')}{suffix}"

    def start(self, path: Path, format_name: str) -> None:
        """Write the mask."""
        self._writing.export(self.level.currentData(), self.specimen.currentIndex(), path, format_name)

    def _fill(self) -> None:
        project, cut, annotation = self._model.project, self._model.cut, self._model.annotation
        if project is None or cut is None:
            return
        names = [one.name for one in annotation.structures.values()] if annotation is not None else []
        if names:
            self.level.addItem(f"all structures: {_listed(names)}", LabelChoice("structures"))
            self.level.addItem("as shown: structures, and the regions of the rest", LabelChoice("shown", (), cut))
            for name in names:
                self.level.addItem(f"{name} alone, as a mask", LabelChoice("structures", (name,)))
        shown = "the regions alone" if names else "as shown"
        self.level.addItem(f"{shown}: {cut.n_regions} regions", LabelChoice("regions", (), cut))
        for level in project.levels:
            self.level.addItem(f"{level.name} ({len(level.nodes)} regions)", LabelChoice("level", (level.name,)))
        for index, record in enumerate(project.records):
            self.specimen.addItem(record.name, index)
        set_tooltip(self.level, "What the mask holds: structures, the regions the slider shows, or a kept level.")
        set_tooltip(self.specimen, "Which of the specimens the mask covers.")
        if self.specimen.count() < 2:
            set_enabled(self.specimen, "there is only one specimen.")


def _listed(names: Sequence[str]) -> str:
    """A few of the names, so that the dialog stays as wide as a screen."""
    more = len(names) - MOST_NAMES
    return ", ".join(names) if more < 2 else f"{', '.join(names[:MOST_NAMES])} and {more} more"


def _called(choice: LabelChoice) -> str:
    """Words for a choice in the name of a file."""
    if choice.kind == "regions":
        return f"{choice.cut.n_regions} regions" if choice.cut is not None else "regions"
    return " ".join(choice.names) or choice.kind
