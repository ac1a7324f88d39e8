"""The layer that shows, while a model learns, which regions the slice in view would fall into."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Layer
from napari.utils.colormaps import CyclicLabelColormap

from napari_hypseg._napari.place import placement
from napari_hypseg.volumes import Volume

if TYPE_CHECKING:  # it brings zarr, which takes longer to import than the dock may take to open
    from napari_hypseg.pipeline import Preview, SliceView

NAME = "preview while learning"
OPACITY = 0.5
OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")
"""Colours that stay apart for colour-blind eyes, one for each region of a preview."""


class PreviewLayer:
    """Adds, refreshes and takes away one labels layer one voxel thick."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._layer: Labels | None = None
        self.wanted = True

    def set_wanted(self, wanted: bool) -> None:
        """Show previews, or none any more."""
        self.wanted = wanted
        if not wanted:
            self.clear()

    def owns(self, layer: Layer) -> bool:
        """Whether `layer` is the preview."""
        return layer is self._layer

    def show(self, preview: "Preview", volume: Volume) -> None:
        """Put the preview on its slice of `volume`."""
        if not self.wanted:
            return
        view = preview.view
        data = np.expand_dims(preview.labels, view.axis)
        corner = [0.0, 0.0, 0.0]
        corner[view.axis] = float(view.index)
        origin = volume.to_world(corner)
        if self._layer is None or self._layer not in self._viewer.layers:
            place = placement(volume.voxel_size, volume.unit, origin)
            self._layer = Labels(data, name=NAME, colormap=_colormap(), opacity=OPACITY, **place)
            self._viewer.add_layer(self._layer)
            self._layer.editable = False
        else:
            self._layer.data, self._layer.translate = data, origin

    def clear(self) -> None:
        """Take the layer away."""
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)
        self._layer = None


def slice_in_view(viewer: ViewerModel, shown: Sequence[tuple[Volume, Layer]]) -> "SliceView | None":
    """The slice in view of the first visible volume it goes through.

    Parameters
    ----------
    viewer
        Its first axis that is not displayed is the one that is sliced; in 3D, the first displayed.
    shown
        The volumes, by specimen, and the layers that show them.
    """
    from napari_hypseg.pipeline import SliceView

    axis = int(viewer.dims.order[-3]) - (viewer.dims.ndim - 3)
    for specimen, (volume, layer) in enumerate(shown):
        index = round(volume.to_voxel(viewer.dims.point[-3:])[axis])
        if layer.visible and 0 <= index < volume.shape[axis]:
            return SliceView(specimen, axis, index)
    return None


def _colormap() -> Any:
    return CyclicLabelColormap(colors=["transparent", *OKABE_ITO], background_value=0)
