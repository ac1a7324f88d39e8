"""Working at half resolution: layers of a volume of half as many voxels along each axis, at the same place."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.layers import Image

from napari_hypseg._qt.layers.boxes import grid_of
from napari_hypseg.volumes.binning import BinnedArray

FACTOR = 2
SUFFIX = " (half)"


def binned_voxels(layers: Sequence[Image]) -> list[npt.NDArray[np.float32]]:
    """Voxels of `layers`, binned; reads all of them, so call it on a thread."""
    return [BinnedArray(_full(layer), FACTOR).read() for layer in layers]


def half_layer(layer: Image, voxels: npt.NDArray[np.float32]) -> Image:
    """`voxels` as a layer that covers what `layer` covers: each is the middle of the voxels that it is the mean of."""
    scale, rotate = np.asarray(layer.scale), np.asarray(layer.rotate)
    middle = rotate @ ((FACTOR - 1) / 2 * scale)
    return Image(
        voxels, name=layer.name + SUFFIX, scale=FACTOR * scale, translate=layer.translate + middle, rotate=rotate,
        affine=layer.affine, units=layer.units, axis_labels=layer.axis_labels, colormap=layer.colormap,
        contrast_limits=layer.contrast_limits, blending=layer.blending, opacity=layer.opacity,
    )  # fmt: skip


def can_be_halved(layer: Image) -> bool:
    """Whether enough voxels are left."""
    return min(grid_of(layer)) >= 2 * FACTOR


def _full(layer: Image) -> Any:
    return layer.data[0] if layer.multiscale else layer.data
