"""What masks the specimens: a layer, or the masks that the project at hand was made with."""

from collections.abc import Sequence
from typing import TypeAlias

from napari.components import ViewerModel
from napari.layers import Image, Labels
from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.layers.label_layers import LabelLayers
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.volumes import Volume

IN_PROJECT = "as in the project"
MaskOption: TypeAlias = Labels | Image | str | None
"""A layer, `IN_PROJECT`, or None where nothing is masked."""


class MaskModel(QObject):
    """The layers that may serve as a mask, and the one that does.

    Signals
    -------
    changed
        Another one is chosen.
    """

    changed = Signal()

    def __init__(self, viewer: ViewerModel, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._layers = LabelLayers(viewer)
        self._chosen: MaskOption = None

    @property
    def chosen(self) -> MaskOption:
        """What masks every specimen."""
        return self._chosen

    def choose(self, option: MaskOption) -> None:
        """Mask every specimen by `option`."""
        self._chosen = option
        self.changed.emit()

    def options(self) -> list[tuple[str, MaskOption]]:
        """What may be chosen, each with its name."""
        in_project = [(IN_PROJECT, IN_PROJECT)] if self._project_has_masks() else []
        return [("none", None), *in_project, *self._layers.named()]

    def masks(self) -> Labels | Image | Sequence[Volume | None] | None:
        """The chosen layer, or the masks of the project at hand, one for each specimen."""
        chosen, project = self._chosen, self._model.project
        if not isinstance(chosen, str):
            return chosen
        return None if project is None else [specimen.mask for specimen in project.specimens]

    def refresh(self) -> None:
        """Go back to the default where what was chosen is there no longer."""
        if not any(option is self._chosen for _, option in self.options()):
            self._chosen = self._default()

    def take_project(self) -> None:
        """Mask by what the project at hand was made with, unless a layer is chosen."""
        if self._chosen is None or isinstance(self._chosen, str):
            self._chosen = self._default()

    def _default(self) -> MaskOption:
        return IN_PROJECT if self._project_has_masks() else None

    def _project_has_masks(self) -> bool:
        project = self._model.project
        return project is not None and any(record.mask for record in project.records)
