"""Writing files: a level of the project at hand as a mask, or the part of a volume inside its box."""

from pathlib import Path

from napari.components import ViewerModel
from napari.utils.notifications import show_info
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import CROP, EXPORT
from napari_hypseg._qt.controllers.levels import LevelController
from napari_hypseg._qt.controllers.particles import FoundParticles
from napari_hypseg._qt.controllers.specimen_jobs import SpecimenJobs
from napari_hypseg._qt.controllers.surfaces import SurfaceChoice
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.layers.boxes import Boxes, Group
from napari_hypseg._qt.layers.specimens import open_files
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.project.label_choice import LabelChoice
from napari_hypseg.volumes import Specimen


class WriteController(QObject):
    """Exports and crops; nothing is written over a file that is open.

    Signals
    -------
    written
        With the path of what was written.
    """

    written = Signal(str)

    def __init__(
        self,
        viewer: ViewerModel,
        model: WindowModel,
        activity: Activity,
        levels: LevelController,
        boxes: Boxes,
        jobs: SpecimenJobs,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._layers, self._model, self._activity = viewer.layers, model, activity
        self._levels, self._boxes, self._jobs = levels, boxes, jobs

    def export(self, what: LabelChoice, specimen: int, path: Path, format_name: str) -> None:
        """Write labels of the project at hand."""
        project = self._model.project
        if project is not None:
            self._levels.save()
            self._activity.begin(EXPORT)
            self._activity.run(
                "export", self._exported, project=project.path, what=what, specimen=specimen, path=path,
                format_name=format_name, inputs=open_files(self._layers),
            )  # fmt: skip

    def export_surfaces(self, choice: SurfaceChoice, path: Path) -> None:
        """Write surfaces of structures of the project at hand as one mesh file."""
        project = self._model.project
        if project is not None:
            self._activity.begin(EXPORT)
            self._activity.run(
                "export_surfaces", self._exported, project=project.path, names=choice.names, specimen=choice.specimen,
                settings=choice.settings, path=path, inputs=open_files(self._layers),
            )  # fmt: skip

    def export_particles(self, found: FoundParticles, path: Path, format_name: str) -> None:
        """Write particles for another program, but not over the file that they were read from."""
        inputs = [*open_files(self._layers), *([Path(found.choice.picks)] if found.choice.picks else [])]
        self._activity.begin(EXPORT)
        self._activity.run(
            "export_particles", self._exported, project=found.project.path, particles=found.counted.particles,
            path=path, format_name=format_name, inputs=inputs,
        )  # fmt: skip

    def crop(self, group: Group, path: Path, format_name: str) -> None:
        """Write the part of a specimen inside its box.

        Raises
        ------
        InputError
            If it is no volume.
        """
        specimen = Specimen(volume_from_layers(group), None, self._boxes.of(group))
        inputs = open_files(self._layers)
        self._jobs.run(CROP, "crop", [specimen], self._cropped, path=path, format_name=format_name, inputs=inputs)

    def _exported(self, outcome: Outcome) -> None:
        if outcome.reason is FinishReason.DONE:
            self.written.emit(outcome.result)

    def _cropped(self, result: tuple[tuple[str, ...], str]) -> None:
        paths, sentence = result
        show_info(sentence)
        self.written.emit(paths[0])
