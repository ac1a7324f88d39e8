"""Particles that another program has picked: read for a volume in the viewer, with or without a project of it."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.layers import Image
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.layer_project import specimen_of
from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._qt.controllers.session_history import SessionHistory
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.junk import Place
from napari_hypseg.particles.particle_files import read_particles
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.volumes import Specimen

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project


@dataclass(frozen=True, eq=False)
class OpenedPicks:
    """A file of particles that was opened.

    Parameters
    ----------
    path, settings
        The file, and the `FileSettings` with which it is read.
    folder, specimen
        Project and number of the specimen that it is of.
    host
        A project without regions that stands for a volume of no project; None where it is the project at hand.
    box_size
        Edge in voxels of the boxes, None for a fitting one.
    """

    path: Path
    settings: Mapping[str, Any]
    folder: Path
    specimen: int
    host: "Project | None" = None
    box_size: int | None = None


class PicksController(QObject):
    """Keeps the files that were opened, and which of their particles were marked as junk.

    Signals
    -------
    opened
        With the `OpenedPicks`.
    changed
        Other files are there, or other particles are junk.
    """

    opened = Signal(object)
    changed = Signal()

    def __init__(self, model: WindowModel, history: SessionHistory, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._history = model, history
        self._files: list[OpenedPicks] = []
        self._junk: dict[Path, frozenset[Place]] = {}
        self._hosts: list[tempfile.TemporaryDirectory[str]] = []
        model.project_changed.connect(self._tell)

    @property
    def files(self) -> Sequence[OpenedPicks]:
        """Those of the project at hand, and those of volumes without one."""
        return [one for one in self._files if self.project_of(one) is not None]

    def project_of(self, picks: OpenedPicks) -> "Project | None":
        """Where the volume of a file is, None if its project is not at hand any more."""
        at_hand = self._model.project
        ours = at_hand is not None and at_hand.path == picks.folder
        return picks.host or (at_hand if ours else None)

    def at(self, path: str) -> OpenedPicks | None:
        """The file that was opened from a path."""
        return next((one for one in self.files if str(one.path) == path), None)

    def open(
        self, path: Path, layer: Image, settings: Mapping[str, Any], box_size: int | None,
        done: Callable[[], None], failed: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        """Read particles for the volume of a layer, then call one of two functions; nothing changes if it fails."""
        StepTask(self._opening(path, layer, settings, box_size, done), failed, self)

    def junk_of(self, picks: OpenedPicks) -> frozenset[Place]:
        """Places of the particles that were marked as junk."""
        return self._junk.get(picks.path, frozenset())

    def mark(self, picks: OpenedPicks, places: Sequence[Place], junk: bool) -> None:
        """Mark particles as junk, or as good again."""
        before = self.junk_of(picks)
        after = before | set(places) if junk else before - set(places)
        self._history.do(picks.path, partial(self._set_junk, picks, after), partial(self._set_junk, picks, before))

    def forget(self) -> None:
        """Remove what was made for volumes without a project."""
        self._files.clear()
        while self._hosts:
            self._hosts.pop().cleanup()

    def _tell(self) -> None:
        self.changed.emit()

    def _set_junk(self, picks: OpenedPicks, places: frozenset[Place]) -> None:
        self._junk[picks.path] = places
        self.changed.emit()

    def _opening(
        self, path: Path, layer: Image, settings: Mapping[str, Any], box_size: int | None, done: Callable[[], None]
    ) -> Steps:
        checked = FileSettings.check(dict(settings))
        at_hand = self._model.project
        specimen, host = specimen_of(layer, at_hand), None
        if at_hand is None or specimen is None:
            volume = Specimen(volume_from_layers([layer]))
            specimen, host = 0, (yield partial(self._stand_for, volume))
        project = host or at_hand
        assert project is not None
        yield partial(read_particles, path, TomogramGrid.of(project.specimen_record(specimen)), checked)
        picks = OpenedPicks(path, checked.model_dump(), project.path, specimen, host, box_size)
        self._files = [one for one in self._files if one.path != path] + [picks]
        self._junk.pop(path, None)
        self._history.forget(path)
        done()
        self.changed.emit()
        self.opened.emit(picks)

    def _stand_for(self, specimen: Specimen) -> "Project":
        """A project without regions in a temporary folder: jobs open volumes by their projects."""
        from napari_hypseg.project.project import Project
        from napari_hypseg.project.run_settings import RunSettings

        try:
            folder = tempfile.TemporaryDirectory(prefix="hypseg-", ignore_cleanup_errors=True)
        except OSError as error:
            raise unwritable(Path(tempfile.gettempdir()), error) from error
        self._hosts.append(folder)
        made = Project.create(Path(folder.name) / "volume", [specimen], RunSettings())
        made.close()
        return made
