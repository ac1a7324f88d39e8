"""Particles for another program: which one, to which file."""

from pathlib import Path

from qtpy.QtWidgets import QLabel, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import EXPORT
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg.particles.count_summary import particle_count_words
from napari_hypseg.particles.formats.registry import FORMATS
from napari_hypseg.pipeline.particles import CountedParticles


class ParticleDialog(WriteDialog):
    """Writes the particles that were found."""

    def __init__(
        self, activity: Activity, writing: WriteController, counted: CountedParticles, folder: Path,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            activity, EXPORT, writing, "Export particles", "Export", "list of particles", FORMATS.values(), parent
        )
        self._counted, self._folder = counted, folder
        self.rows.addRow("Particles", QLabel(particle_count_words(counted.count, counted.particles.name)))
        self.finish()

    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A file beside the project, called after tomogram and structure."""
        particles = self._counted.particles
        stem = f"{particles.grid.name} {particles.name}".replace(" ", "-").replace("/", "-")
        return (folder or self._folder) / f"{stem}{suffix}"

    def start(self, path: Path, format_name: str) -> None:
        """Write them in the format that is chosen."""
        self._writing.export_particles(self._counted.particles, path, format_name)
