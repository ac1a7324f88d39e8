"""Finding the sample, from the window's side: hands volumes to the job and shows what it finds."""

from collections.abc import Mapping, Sequence
from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Layer
from napari.utils.notifications import show_warning
from qtpy.QtCore import QObject, Qt, Signal

from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import LOCATE
from napari_hypseg._qt.controllers.specimen_jobs import SpecimenJobs
from napari_hypseg._qt.jobs.tasks import Steps
from napari_hypseg._qt.layers.boxes import Boxes, Group
from napari_hypseg._qt.layers.layer_events import LayerEvents
from napari_hypseg._qt.layers.sample_view import SampleView
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.proposal import Proposal


class LocateController(QObject):
    """What was found in which volume; it needs no project.

    Signals
    -------
    changed
        Something was found, or forgotten with its volume.
    """

    changed = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        events: LayerEvents,
        boxes: Boxes,
        activity: Activity,
        jobs: SpecimenJobs,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._layers, self._boxes, self._jobs = viewer.layers, boxes, jobs
        self.proposals: dict[Image, Proposal] = {}
        self.view = SampleView(viewer, boxes)
        self._groups: list[Group] = []
        self._found: list[Proposal] = []
        # Queued: layers that go with a volume must not go while napari is still removing the volume.
        events.layers_changed.connect(self._follow, Qt.ConnectionType.QueuedConnection)
        activity.reported.connect(self._on_event)

    def find(self, groups: Sequence[Group], settings: Mapping[str, Any]) -> None:
        """Find the sample in each of `groups`, learning from all of them together.

        Raises
        ------
        InputError
            If one of them is no volume.
        """
        specimens = [Specimen(volume_from_layers(group)) for group in groups]
        self._groups, self._found = list(groups), []
        self._jobs.run(LOCATE, "locate", specimens, self._show, settings=settings)

    def forget_box(self, group: Group) -> None:
        """Let all of a specimen count again; what was found about it stays known."""
        self._boxes.put([group], None)
        self.view.hide_map(group[0])

    def volume_of(self, layer: Layer | None) -> Image | None:
        """The volume that a box or a map belongs to; any other layer stands for itself."""
        return self.view.owner_of(layer)

    def _on_event(self, event: object) -> None:
        if isinstance(event, Proposal):
            self._found.append(event)

    def _show(self, result: Any) -> Steps:
        """Show boxes and maps; of several specimens the panel shows the notes of one, so all are shown."""
        pairs = list(zip(self._groups, self._found, strict=True))
        there = [(group, proposal) for group, proposal in pairs if group[0] in self._layers]
        found = {group[0]: proposal for group, proposal in there}
        self.proposals.update(found)
        for volume, proposal in found.items():
            yield from self.view.show_map(volume, proposal)
            yield None
        for group, proposal in there:
            self._boxes.replace([(group, proposal.box)])
            yield None
        for note in dict.fromkeys(note for proposal in found.values() for note in proposal.notes):
            if len(found) > 1:
                show_warning(note)
        self.changed.emit()

    def _follow(self) -> None:
        self.view.follow()
        for volume in [volume for volume in self.proposals if volume not in self._layers]:
            del self.proposals[volume]
            self.changed.emit()
