"""The slider step: another table for a layer of leaf ids, at the same cost whatever the size of the volume.

The step rewrites the table on the GPU (`texture`) and keeps the layer's colormap and features in agreement. No voxel is
touched, and no event that reads voxels is emitted.
"""

from contextlib import nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.utils.colormaps import CyclicLabelColormap

from napari_hypseg._napari.leaf_labels import LeafLabels, leaf_colormap, leaf_labels
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._napari.metadata_keys import TABLE
from napari_hypseg._napari.napari_internals import unwrapped, write_texture
from napari_hypseg.volumes.volume import LazyArray


def add_leaf_layer(
    viewer: Any,
    leaves: LazyArray | tuple[LazyArray, ...],
    table: LeafTable,
    name: str = "regions",
    **keywords: Any,
) -> LeafLabels:
    """Add a layer of leaf ids to a viewer and return it; keywords as in `leaf_labels`."""
    layer = leaf_labels(leaves, table, name, **keywords)
    viewer.add_layer(layer)
    return layer


def leaf_table(layer: Any) -> LeafTable | None:
    """The table a layer shows, None if it is no layer of leaf ids."""
    table = layer.metadata.get(TABLE)
    return table if isinstance(table, LeafTable) else None


def set_table(viewer: Any, layer: LeafLabels, table: LeafTable) -> None:
    """Show another table: the slider step.

    The layer's picture, colormap, features and metadata agree afterwards. Its thumbnail and the colour box of its
    controls follow with `settle`, which the hand on the slider does not wait for.
    """
    layer = unwrapped(layer)
    layer.take_table(table)
    rows = layer.shown_rows
    if not (_recolour(layer, rows) and write_texture(viewer, layer, rows)):
        _replace_colormap(layer, rows)
    if layer.contour:  # outlines run elsewhere now
        layer.refresh(thumbnail=False, highlight=False, extent=False)


def refresh_details(layer: LeafLabels) -> None:
    """Bring what `set_table` left behind up to date: thumbnail, colour box, open tables of features."""
    layer = unwrapped(layer)
    layer.refresh(thumbnail=True, data_displayed=False, highlight=False, extent=False)
    layer._selected_color = layer.get_color(layer.selected_label)
    layer.events.selected_label()
    layer.events.features()


def _recolour(layer: LeafLabels, rows: npt.NDArray[np.float32]) -> bool:
    """Write colours into the layer's colormap in place; False if that is no table of as many leaves."""
    colormap = layer.colormap
    if not isinstance(colormap, CyclicLabelColormap) or colormap.colors.shape != rows.shape:
        return False
    forget = getattr(colormap, "_clear_cache", None)
    if forget is None:
        return False
    colormap.colors[:] = rows
    forget()  # it holds the colours that were
    return True


def _replace_colormap(layer: LeafLabels, rows: npt.NDArray[np.float32]) -> None:
    """The public way: a new colormap. Blocking the refresh, where that can be had, leaves the voxels where they are."""
    with getattr(layer, "_block_refresh", nullcontext)():
        layer.colormap = leaf_colormap(rows)
