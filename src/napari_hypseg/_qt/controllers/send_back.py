"""Sending corrections back to the common project, from the window's side: what can be sent; a job sends it."""

from napari.utils.notifications import show_info, show_warning
from qtpy.QtCore import QObject

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import SEND_BACK
from napari_hypseg._qt.jobs.job_runner import FinishReason, Outcome
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.pipeline.apply_origin import apply_origin
from napari_hypseg.pipeline.send_back import corrections
from napari_hypseg.structures.structure import Structure


class SendBackController(QObject):
    """Sends what was corrected in the project at hand, if that was made by applying another one."""

    def __init__(self, model: WindowModel, activity: Activity, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._activity = model, activity

    @property
    def target(self) -> str | None:
        """Name of the common project, None if the project at hand was not made from one.

        Raises
        ------
        ProjectError
            If the record of it is damaged.
        """
        origin = None if self._model.project is None else apply_origin(self._model.project)
        return None if origin is None or origin.state is None else origin.name

    def reason(self, structure: Structure | None) -> str | None:
        """Why corrections of a structure, or for None of any, cannot be sent; None if they can."""
        project = self._model.project
        if self._activity.busy or project is None:
            return self._activity.busy
        found = corrections(project)
        where = "" if structure is None else f" in {structure.name}"
        any_found = bool(found) if structure is None else structure.id in found
        return None if any_found else f"nothing was corrected{where} that was not sent already."

    def counts(self, structure: Structure | None) -> tuple[int, int]:
        """How many leaves are added and taken away by what would be sent."""
        found = {} if self._model.project is None else corrections(self._model.project)
        chosen = [one for number, one in found.items() if structure is None or number == structure.id]
        return sum(int(one.added.sum()) for one in chosen), sum(int(one.taken.sum()) for one in chosen)

    def send(self, structure: Structure | None, others: bool) -> None:
        """Send the corrections of a structure, or for None all; `others` in the folder follow at once."""
        project = self._model.project
        if project is not None:
            self._activity.begin(SEND_BACK)
            names = () if structure is None else (structure.name,)
            self._activity.run("send_back", self._finish, project=project.path, names=names, others=others)

    def _finish(self, outcome: Outcome) -> None:
        project = self._model.project
        if project is not None:
            project.training = project.store.read_training()  # the job has noted what both projects agree on
        if outcome.reason is FinishReason.DONE:
            sent, notes = outcome.result
            show_info(sent)
            for note in notes:
                show_warning(note)
