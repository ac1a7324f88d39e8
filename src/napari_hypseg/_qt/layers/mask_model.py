"""What masks the specimens: a layer, or the masks that the project at hand was made with."""

from collections.abc import Sequence
from typing import TypeAlias
from weakref import WeakKeyDictionary

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.layer_project import is_made_here
from napari_hypseg._napari.voxel_statistics import looks_like_mask
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
        self._viewer, self._model = viewer, model
        self._mask_like: WeakKeyDictionary[Image, bool] = WeakKeyDictionary()
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
        layers = [layer for layer in self._viewer.layers if self._can_be_mask(layer)]
        named = [(one.name if isinstance(one, Labels) else f"{one.name} (image)", one) for one in layers]
        return [("none", None), *([(IN_PROJECT, IN_PROJECT)] if self._project_has_masks() else []), *named]

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

    def _can_be_mask(self, layer: Layer) -> bool:
        """Whether the values of a layer may say what counts; images are looked into once."""
        if is_made_here(layer) or layer.ndim != 3:
            return False
        if isinstance(layer, Image) and layer not in self._mask_like:
            self._mask_like[layer] = looks_like_mask(layer)
        return isinstance(layer, Labels) or self._mask_like.get(layer, False)
