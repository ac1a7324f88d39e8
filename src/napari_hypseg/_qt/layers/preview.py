"""The preview in the slider's layer during training: the regions of one slice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from napari.components import ViewerModel
from napari.layers import Layer
from napari.utils.colormaps import ensure_colormap

from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg.project.leaf_levels import level_cells, sampled_levels
from napari_hypseg.volumes import Index3, LazyArray, Volume

if TYPE_CHECKING:  # it brings zarr, which takes longer to import than the dock may take to open
    from napari_hypseg.pipeline import Preview, SliceView
    from napari_hypseg.project.records import SpecimenRecord

OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")
"""Colours that stay apart for colour-blind eyes, one for each region of a preview."""


class PreviewVolume:
    """Regions (z, y, x), uint16, of which one slice is known and the rest is outside; it takes no more than the slice.

    Parameters
    ----------
    shape
        Grid (z, y, x).
    preview
        The slice, None before the first.
    """

    ndim = 3
    dtype = np.dtype(np.uint16)

    def __init__(self, shape: Index3, preview: "Preview | None" = None) -> None:
        self.shape = shape
        axis, index = (preview.view.axis, preview.view.index) if preview else (0, -1)
        labels = preview.labels.astype(self.dtype) if preview else np.zeros(shape[1:], dtype=self.dtype)
        place = [1, 1, 1]
        place[axis] = shape[axis]
        # Views that repeat a line and a slice over the grid: they take any index and no memory.
        self._here = np.broadcast_to((np.arange(shape[axis]) == index).reshape(place), shape)
        self._labels = np.broadcast_to(np.expand_dims(labels, axis), shape)

    def __getitem__(self, index: Any) -> npt.NDArray[np.uint16]:
        return np.where(self._here[index], self._labels[index], self.dtype.type(0))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.asarray(self[:], dtype=dtype)


def preview_levels(record: "SpecimenRecord", preview: "Preview | None" = None) -> tuple[LazyArray, ...]:
    """A preview of a specimen; of a large one at several resolutions, as its regions will be shown."""
    return sampled_levels(PreviewVolume(record.shape, preview), level_cells(record.shape, record.voxel_size))


def preview_table() -> LeafTable:
    """Colours of a preview's regions, 1 to 8."""
    colours = np.array(ensure_colormap(list(OKABE_ITO)).colors, dtype=np.float32)
    regions = np.arange(len(OKABE_ITO) + 1, dtype=np.uint16)
    return LeafTable(np.vstack([np.zeros((1, 4), np.float32), colours]), regions, {})


def slice_in_view(viewer: ViewerModel, shown: Sequence[tuple[Volume, Layer]]) -> "SliceView | None":
    """The slice in view of the first visible volume it goes through, None in 3D.

    Parameters
    ----------
    viewer
        Its last axis that is not displayed is the one that is sliced.
    shown
        The volumes, by specimen, and the layers that show them.
    """
    from napari_hypseg.pipeline import SliceView

    axis = int(viewer.dims.order[-3]) - (viewer.dims.ndim - 3)
    for specimen, (volume, layer) in enumerate(shown if viewer.dims.ndisplay == 2 else ()):
        index = round(volume.to_voxel(viewer.dims.point[-3:])[axis])
        if layer.visible and 0 <= index < volume.shape[axis]:
            return SliceView(specimen, axis, index)
    return None
