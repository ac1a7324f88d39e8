"""What happens to a viewer's layers, slices and theme, as signals that end with their receivers."""

from collections.abc import Callable
from typing import Any

from napari.components import ViewerModel
from qtpy.QtCore import QObject, QTimer, Signal

from napari_hypseg._napari.layer_project import project_of

LIST_EVENTS = frozenset({"inserted", "removed", "name", "scale", "units"})
SLICE_DELAY_MS = 100


class LayerEvents(QObject):
    """Follows a viewer until `disconnect`.

    Signals
    -------
    layers_changed
        A layer was added, taken away, renamed or placed anew.
    project_inserted
        With the folder of the project that a new layer belongs to, once all layers of one opening are there.
    selection_changed
        Another layer is the active one, or none.
    slice_changed
        Another slice is in view, for a tenth of a second.
    theme_changed
        With the name of napari's theme.
    """

    layers_changed = Signal()
    project_inserted = Signal(object)
    selection_changed = Signal()
    slice_changed = Signal()
    theme_changed = Signal(str)

    def __init__(self, viewer: ViewerModel, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer: ViewerModel | None = viewer
        self._slice = single_shot(self, self.slice_changed.emit, SLICE_DELAY_MS)
        viewer.layers.events.connect(self._on_layers)
        viewer.layers.selection.events.active.connect(self._on_selection)
        viewer.dims.events.connect(self._on_dims)
        viewer.events.theme.connect(self._on_theme)

    def disconnect_viewer(self) -> None:
        """Let the viewer go."""
        viewer, self._viewer = self._viewer, None
        if viewer is not None:
            viewer.layers.events.disconnect(self._on_layers)
            viewer.layers.selection.events.active.disconnect(self._on_selection)
            viewer.dims.events.disconnect(self._on_dims)
            viewer.events.theme.disconnect(self._on_theme)

    @property
    def connected(self) -> bool:
        """Whether the viewer is still followed."""
        return self._viewer is not None

    def _on_layers(self, event: Any) -> None:
        if event.type == "inserted" and (path := project_of(event.value)) is not None:
            QTimer.singleShot(0, lambda: self.project_inserted.emit(path))
        if event.type in LIST_EVENTS:
            self.layers_changed.emit()

    def _on_selection(self, event: Any = None) -> None:
        self.selection_changed.emit()

    def _on_dims(self, event: Any = None) -> None:
        self._slice.start()

    def _on_theme(self, event: Any) -> None:
        self.theme_changed.emit(event.value)


def single_shot(parent: QObject, act: Callable[[], object], delay: int = 0) -> QTimer:
    """A timer that calls `act` once, `delay` milliseconds after its last start."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(delay)
    timer.timeout.connect(act)
    return timer
