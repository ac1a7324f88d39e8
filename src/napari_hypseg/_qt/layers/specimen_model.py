"""What is chosen to learn from: the ticked volumes, the specimens they form, their mask, and the project's folder."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from weakref import WeakKeyDictionary, WeakSet

from napari.components import ViewerModel
from napari.layers import Image, Layer
from qtpy.QtCore import QObject, QTimer, Signal

from napari_hypseg._napari.layer_project import is_made_here, project_of
from napari_hypseg._napari.metadata_keys import SPECIMEN
from napari_hypseg._qt.layers.boxes import Boxes, grid_of
from napari_hypseg._qt.layers.grouping import Grouping, Role, group
from napari_hypseg._qt.layers.layer_events import LayerEvents
from napari_hypseg._qt.layers.mask_model import MaskModel
from napari_hypseg._qt.layers.specimens import Choice, folder_for, specimens_of, unfit
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.volumes import Box


class SpecimenModel(QObject):
    """The choice of step 1, which the panels show and change.

    Volumes that are opened are ticked if nothing is under way, and those of a project when it is opened.

    Parameters
    ----------
    viewer, model, boxes, events
        Whose layers are chosen from, which project is at hand, which part of each specimen counts, and what says that
        layers have changed.
    idle
        Whether nothing is under way.

    Signals
    -------
    changed
        Something else is chosen, or a volume is called otherwise.
    """

    changed = Signal()

    def __init__(
        self, viewer: ViewerModel, model: WindowModel, boxes: Boxes, events: LayerEvents, idle: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._viewer, self._model, self._boxes, self._idle = viewer, model, boxes, idle
        self.mask = MaskModel(viewer, model)
        self._ticked: WeakSet[Image] = WeakSet()
        self._known: WeakSet[Image] = WeakSet()
        self._opened: list[Image] = []
        self._answer: tuple[Role, frozenset[Image]] | None = None
        self._folders: WeakKeyDictionary[Image, Path] = WeakKeyDictionary()
        self.mask.changed.connect(self.changed)
        events.layers_changed.connect(self._take_layers)
        model.project_changed.connect(self._take_project)
        self._take_layers()

    @property
    def images(self) -> list[Image]:
        """The images of the viewer that this plugin did not make, whether or not one can learn from them."""
        return [layer for layer in self._own_layers() if isinstance(layer, Image)]

    @property
    def ticked(self) -> list[Image]:
        """The ticked volumes, in the order of the viewer."""
        return [layer for layer in self.images if layer in self._ticked]

    def tick(self, layers: Iterable[Image]) -> None:
        """Tick just these volumes."""
        self._ticked = WeakSet(layers)
        self.changed.emit()

    @property
    def grouping(self) -> Grouping:
        """The ticked volumes by specimen, as answered, else as their project has them, else as their files say."""
        ticked = self.ticked
        role, about = self._answer or (None, frozenset())
        return group(ticked, role if about.issuperset(ticked) else None)

    def groups(self) -> list[list[Image]]:
        """The ticked volumes by specimen."""
        return [list(channels) for channels in self.grouping.groups]

    def answer(self, role: Role) -> None:
        """Take the ticked volumes for channels of one specimen, or for specimens."""
        self._answer = (role, frozenset(self.ticked))
        self.changed.emit()

    @property
    def problem(self) -> str | None:
        """Why nothing can be learned from the present choice, as far as that is quickly seen."""
        if not self.ticked:
            return "no volume is ticked in step 1."
        if self.grouping.role is None:
            return "step 1 asks whether the ticked volumes are channels or specimens."
        return None

    @property
    def voxels(self) -> int:
        """How many voxels count, without regard to a mask."""
        boxes = [self._boxes.of(channels) or Box.whole(grid_of(channels[0])) for channels in self.groups()]
        return sum(box.size for box in boxes)

    @property
    def project_folder(self) -> Path:
        """Where the project is kept: what was chosen, else beside the first volume's file."""
        ticked = self.ticked
        return (self._folders.get(ticked[0]) if ticked else None) or self.own_project or folder_for(ticked)

    @property
    def own_project(self) -> Path | None:
        """The project whose volumes are just those that are ticked."""
        ticked = self.ticked
        path = project_of(ticked[0]) if ticked else None
        held = [layer for layer in self.images if project_of(layer) == path]
        return path if path is not None and held == ticked else None

    def set_project_folder(self, path: Path | None) -> None:
        """Keep the project of what is ticked at `path`; None goes back to beside the volume."""
        for layer in self.ticked[:1]:
            self._folders.pop(layer, None)
            if path is not None:
                self._folders[layer] = path
        self.changed.emit()

    def choice(self) -> Choice:
        """What is chosen.

        Raises
        ------
        HypsegError
            If it cannot be learned from; the sentence says why.
        """
        groups = self.groups()
        boxes = [self._boxes.of(channels) for channels in groups]
        return Choice(specimens_of(groups, self.mask.masks(), boxes), groups, self.project_folder)

    def _own_layers(self) -> list[Layer]:
        return [layer for layer in self._viewer.layers if not is_made_here(layer)]

    def _take_layers(self) -> None:
        """Follow the viewer: ticks stay until volumes are opened."""
        fit = [layer for layer in self.images if unfit(layer) is None]
        self._note_opened(fit)
        ticked = self._opened if self._opened and self._idle() else self.ticked
        self._ticked = WeakSet([layer for layer in ticked if layer in fit] or fit[-1:])
        self.mask.refresh()
        self.changed.emit()

    def _note_opened(self, fit: Sequence[Image]) -> None:
        """Take note of new volumes; those that come in one go, such as channels of a file, belong together."""
        fresh = [layer for layer in fit if layer not in self._known]
        self._known.update(fresh)
        if fresh and not self._opened:
            QTimer.singleShot(0, self._opened.clear)
        self._opened += fresh

    def _take_project(self) -> None:
        """Tick the volumes of a project that was opened and keep on working in its folder."""
        project = self._model.project
        if project is None:
            return
        images = [layer for layer in self.images if project_of(layer) == project.path]
        self._answer = None
        self._ticked = WeakSet(images or self.ticked)
        self.mask.take_project()
        self._boxes.replace([([layer], project.records[layer.metadata[SPECIMEN]].box) for layer in images])
        for layer in images:
            if self._folders.get(layer) != project.path:  # it is known by its project now
                self._folders.pop(layer, None)
        self.changed.emit()
