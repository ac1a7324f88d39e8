"""Finding the sample, from the window's side: hands volumes to the job and shows what it finds."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.layers import Image
from napari.utils.notifications import show_info, show_warning
from qtpy.QtCore import QObject, Qt, Signal

from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome, ThreadTask
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.boxes import Group
from napari_hypseg._qt.layers.sample_view import SampleView
from napari_hypseg._qt.layers.specimens import open_files
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.proposal import Proposal

if TYPE_CHECKING:
    from napari_hypseg._qt.session import Session
    from napari_hypseg.project.records import SpecimenRecord


class LocateController(QObject):
    """What was found in which volume, and the jobs that find and crop; they need no project.

    Signals
    -------
    changed
        Something was found, or forgotten with its volume.
    """

    changed = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self.proposals: dict[Image, Proposal] = {}
        self.view = SampleView(session.viewer, session.boxes)
        self._groups: list[Group] = []
        self._found: list[Proposal] = []
        self._folder: Path | None = None
        # Queued: layers that go with a volume must not go while napari is still removing the volume.
        session.layers_changed.connect(self._follow, Qt.ConnectionType.QueuedConnection)
        session.runner.reported.connect(self._on_event)

    def find(self, groups: Sequence[Group], settings: Mapping[str, Any]) -> None:
        """Find the sample in each of `groups`, learning from all of them together.

        Raises
        ------
        InputError
            If one of them is no volume.
        """
        specimens = [Specimen(volume_from_layers(group)) for group in groups]
        self._groups, self._found = list(groups), []
        self._begin("locate", specimens, self._take_up, settings=settings)

    def crop(self, group: Group, path: Path, format_name: str) -> None:
        """Write the part of a specimen inside its box.

        Raises
        ------
        InputError
            If it is no volume.
        """
        specimen = Specimen(volume_from_layers(group), None, self._session.boxes.of(group))
        inputs = open_files(self._session.viewer.layers)
        self._begin("crop", [specimen], self._cropped, path=path, format_name=format_name, inputs=inputs)

    def forget_box(self, group: Group) -> None:
        """Let all of a specimen count again; what was found about it stays known."""
        self._session.boxes.put([group], None)
        self.view.hide_map(group[0])

    def _begin(self, job: str, specimens: Sequence[Specimen], at_end: Any, **arguments: Any) -> None:
        self._session.begin(job)
        StepTask(self._starting(job, specimens, at_end, arguments), self._give_up, self)

    def _starting(self, job: str, specimens: Sequence[Specimen], at_end: Any, arguments: Mapping[str, Any]) -> Steps:
        self._folder = yield _temporary_folder
        records = yield partial(_keep, self._folder, specimens)
        self._session.start(job, partial(self._end, at_end), folder=self._folder, records=records, **arguments)

    def _give_up(self, error: Exception) -> None:
        self._tidy()
        self._session.give_up(error)

    def _end(self, at_end: Callable[[Any], Steps | None], outcome: Outcome) -> Steps:
        self._tidy()
        if outcome.reason is FinishReason.DONE:
            yield from at_end(outcome.result) or ()

    def _tidy(self) -> None:
        """Clear up what a job that did not start, or was killed, has left: large files take a while to go."""
        folder, self._folder = self._folder, None
        if folder is not None and folder.exists():
            ThreadTask(partial(shutil.rmtree, folder, ignore_errors=True), lambda _: None, show_exception, self)

    def _on_event(self, event: object) -> None:
        if isinstance(event, Proposal):
            self._found.append(event)

    def _take_up(self, result: Any) -> Steps:
        """Show boxes and maps; of several specimens the panel shows the notes of one, so all are told."""
        pairs = list(zip(self._groups, self._found, strict=True))
        there = [(group, proposal) for group, proposal in pairs if group[0] in self._session.viewer.layers]
        found = {group[0]: proposal for group, proposal in there}
        self.proposals.update(found)
        for volume, proposal in found.items():
            yield from self.view.show_map(volume, proposal)
            yield None
        for group, proposal in there:
            self._session.boxes.replace([(group, proposal.box)])
            yield None
        for note in dict.fromkeys(note for proposal in found.values() for note in proposal.notes):
            if len(found) > 1:
                show_warning(note)
        self.changed.emit()

    def _cropped(self, result: tuple[tuple[str, ...], str]) -> None:
        paths, sentence = result
        show_info(sentence)
        self._session.written.emit(paths[0])

    def _follow(self) -> None:
        self.view.follow()
        for volume in [volume for volume in self.proposals if volume not in self._session.viewer.layers]:
            del self.proposals[volume]
            self.changed.emit()


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="hypseg-"))
    except OSError as error:
        raise unwritable(Path(tempfile.gettempdir()), error) from error


def _keep(folder: Path, specimens: Sequence[Specimen]) -> list["SpecimenRecord"]:
    """Records from which the job's process opens the specimens; voxels that are only in memory are written."""
    from napari_hypseg.project.sources import keep_source

    import_module("pandas")  # napari does at the first box, in the middle of drawing
    return [replace(keep_source(folder, i, specimen), metadata={}) for i, specimen in enumerate(specimens)]
