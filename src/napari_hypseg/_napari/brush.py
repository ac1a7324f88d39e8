"""A brush on a layer of regions: which voxels a stroke covers. What is done with them is somebody else's business."""

from collections.abc import Generator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.layers import Labels
from napari.layers.labels._labels_constants import Mode

Voxels = npt.NDArray[np.int64]
"""int64 (n, 3): voxel indices (z, y, x)."""


def paint_stroke(layer: Labels, event: Any) -> Generator[None, None, None]:
    """Follow the mouse from press to release; called by napari in its paint and erase modes.

    `layer` is a `LeafLabels`, whose `on_stroke` takes the voxels.
    """
    if layer.on_stroke is None or event.button != 1:
        return
    erase = layer._mode is Mode.ERASE
    places = [np.asarray(layer.world_to_data(event.position))]
    painted = brush_voxels(layer, places * 2)
    layer.on_stroke(layer, painted, erase, False)
    yield
    while event.type == "mouse_move":
        places.append(np.asarray(layer.world_to_data(event.position)))
        painted = np.unique(np.concatenate([painted, brush_voxels(layer, places[-2:])]), axis=0)
        layer.on_stroke(layer, painted, erase, False)
        yield
    layer.on_stroke(layer, painted, erase, True)


def brush_voxels(layer: Labels, places: list[npt.NDArray[np.floating[Any]]]) -> Voxels:
    """Voxels under the brush on its way from place to place, in the slice shown or, as a ball, in all dimensions."""
    radius = max(layer.brush_size, 1) / 2
    axes = [2, 1, 0] if layer.n_edit_dimensions == 3 else list(layer._slice_input.displayed)[-2:]
    way = [np.linspace(a, b, 1 + int(np.abs(b - a).max() / max(radius / 2, 0.5))) for a, b in pairwise(places)]
    reach = np.arange(-int(radius), int(radius) + 1)
    offsets = np.stack(np.meshgrid(*[reach] * len(axes), indexing="ij"), axis=-1).reshape(-1, len(axes))
    offsets = offsets[(offsets**2).sum(1) < radius**2 + 0.25]
    ball = np.zeros((len(offsets), 3), dtype=np.int64)
    ball[:, axes] = offsets
    centres = np.unique(np.round(np.concatenate(way)).astype(np.int64), axis=0)
    voxels = np.unique((centres[:, None] + ball[None]).reshape(-1, 3), axis=0)
    inside = ((voxels >= 0) & (voxels < np.asarray(layer.data.shape))).all(1)
    return np.asarray(voxels[inside])
