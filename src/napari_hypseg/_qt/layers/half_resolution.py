"""Working at half resolution: layers of a volume of half as many voxels along each axis, at the same place."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.components import ViewerModel
from napari.layers import Image

from napari_hypseg._napari.lazy_level import full_resolution
from napari_hypseg._napari.metadata_keys import BINNING, CHANNEL, DIRECTION, ORIGINALS, SOURCE, VOLUME_METADATA
from napari_hypseg._napari.volume_layers import origin_marks
from napari_hypseg._qt.jobs.tasks import Steps
from napari_hypseg._qt.layers.boxes import Boxes, Group, grid_of
from napari_hypseg.volumes.binning import LEAST, BinnedArray, binned_box, middle
from napari_hypseg.volumes.box import Index3

FACTORS: Index3 = (2, 2, 2)
SUFFIX = " (half)"


def add_half_layers(viewer: ViewerModel, groups: Sequence[Group], boxes: Boxes) -> Steps:
    """Add volumes at half resolution, and the part of each that counts; those that are too small are left out."""
    groups = [group for group in groups if all(map(can_be_halved, group))]
    layers = [layer for group in groups for layer in group]
    voxels = yield partial(binned_voxels, layers)
    halves = {layer: half_layer(layer, binned) for layer, binned in zip(layers, voxels, strict=True)}
    for half in halves.values():
        viewer.add_layer(half)
    boxes.replace(
        [
            ([halves[layer] for layer in group], binned_box(box, FACTORS, halves[group[0]].data.shape))
            for group in groups
            if (box := boxes.of(group)) is not None
        ]
    )


def binned_voxels(layers: Sequence[Image]) -> list[npt.NDArray[Any]]:
    """Voxels of `layers`, binned; reads all of them, so call it on a thread."""
    return [np.asarray(BinnedArray(full_resolution(layer), FACTORS)) for layer in layers]


def half_layer(layer: Image, voxels: npt.NDArray[Any]) -> Image:
    """`voxels` as a layer that covers what `layer` covers: each is the middle of the voxels that it is the mean of."""
    scale, rotate = np.asarray(layer.scale), np.asarray(layer.rotate)
    shift = rotate @ (np.array(middle(FACTORS)) * scale)
    return Image(
        voxels, name=layer.name + SUFFIX, scale=FACTORS * scale, translate=layer.translate + shift, rotate=rotate,
        affine=layer.affine, units=layer.units, axis_labels=layer.axis_labels, colormap=layer.colormap,
        contrast_limits=layer.contrast_limits, blending=layer.blending, opacity=layer.opacity,
        metadata=_metadata(layer),
    )  # fmt: skip


def can_be_halved(layer: Image) -> bool:
    """Whether enough voxels are left."""
    return all(n >= LEAST * factor for n, factor in zip(grid_of(layer), FACTORS, strict=True))


def _metadata(layer: Image) -> dict[str, Any]:
    """What the layer remembers: its file is what the voxels were computed from now."""
    kept = {key: layer.metadata[key] for key in (CHANNEL, DIRECTION, VOLUME_METADATA) if key in layer.metadata}
    originals = layer.metadata.get(SOURCE) or layer.metadata.get(ORIGINALS, ())
    z, y, x = (int(f * before) for f, before in zip(FACTORS, layer.metadata.get(BINNING, (1, 1, 1)), strict=True))
    return {**kept, **origin_marks([*map(Path, originals)], (z, y, x))}
