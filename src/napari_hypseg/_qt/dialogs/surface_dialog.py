"""Surfaces of structures as a mesh that other programs open at true scale."""

from pathlib import Path

from qtpy.QtWidgets import QLabel, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import EXPORT
from napari_hypseg._qt.controllers.surfaces import SurfaceChoice
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.structures.mesh_files import MESH_FORMATS


class SurfaceDialog(WriteDialog):
    """In which format, to which file."""

    def __init__(
        self, model: WindowModel, activity: Activity, writing: WriteController, choice: SurfaceChoice,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(activity, EXPORT, writing, "Save surfaces", "Save", "surface", MESH_FORMATS, parent)
        self._model, self._choice = model, choice
        names = QLabel(", ".join(choice.names) or "all structures")
        names.setWordWrap(True)
        self.rows.addRow("Surfaces of", names)
        self.finish()

    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A file beside the project, called after specimen and structure."""
        project = self._model.project
        if project is None:
            return Path(f"surfaces{suffix}")
        called = ", ".join(self._choice.names) or "surfaces"
        stem = f"{project.records[self._choice.specimen].name} {called}".replace(" ", "-").replace("/", "-")
        return (folder or project.path.parent) / f"{stem}{suffix}"

    def start(self, path: Path, format_name: str) -> None:
        """Write the surfaces; the ending says as what."""
        self._writing.export_surfaces(self._choice, path)
