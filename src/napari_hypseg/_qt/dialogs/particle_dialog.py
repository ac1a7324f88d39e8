"""Particles for another program: which one, to which file."""

from pathlib import Path

from qtpy.QtWidgets import QLabel, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import EXPORT
from napari_hypseg._qt.controllers.particles import FoundParticles
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg.particles.count_summary import particle_count_words
from napari_hypseg.particles.formats.registry import FORMATS


class ParticleDialog(WriteDialog):
    """Writes the particles that were found."""

    def __init__(
        self, activity: Activity, writing: WriteController, found: FoundParticles, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            activity, EXPORT, writing, "Export particles", "Export", "list of particles", FORMATS.values(), parent
        )
        self._found, counted = found, found.counted
        self.rows.addRow("Particles", QLabel(particle_count_words(counted.count, counted.particles.name)))
        self.finish()

    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A file beside the project, called after tomogram and structure."""
        particles = self._found.counted.particles
        stem = f"{particles.grid.name} {particles.name}".replace(" ", "-").replace("/", "-")
        return (folder or self._found.folder) / f"{stem}{suffix}"

    def start(self, path: Path, format_name: str) -> None:
        """Write them in the format that is chosen."""
        self._writing.export_particles(self._found, path, format_name)
