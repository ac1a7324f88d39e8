"""Open layers as a specimen: what the person chose in the dock becomes a `Volume` with its place in the world."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from napari.layers import Image, Labels

from napari_hypseg._napari.layer_transform import Placement, placement_from_layer
from napari_hypseg._napari.lazy_level import full_resolution
from napari_hypseg._napari.metadata_keys import BINNING, CHANNEL, DIRECTION, ORIGINALS, SOURCE, VOLUME_METADATA
from napari_hypseg._napari.napari_internals import unwrapped
from napari_hypseg._napari.voxel_statistics import looks_like_mask
from napari_hypseg.errors import InputError
from napari_hypseg.volumes.alignment import POSITION_TOLERANCE, SIZE_TOLERANCE, align_to, join_channels
from napari_hypseg.volumes.volume import Volume


def volume_from_layers(layers: Sequence[Any]) -> Volume:
    """Image layers on one grid as the channels of one volume.

    Where every layer came from this plugin's reader, and no channel of a file is missing, the volume remembers the
    files, so that a project can open them again; otherwise its voxels are in memory.

    Raises
    ------
    InputError
        If a layer is no grey 3D image, is rotated, or the layers lie on different grids.
    """
    chosen = [unwrapped(layer) for layer in layers]
    if not chosen:
        raise InputError("No image layer is chosen; open a volume and choose it in the list.")
    for layer in chosen:
        _check_image(layer)
    first, *others = [_volume(layer) for layer in chosen]
    return replace(join_channels([first, *(_aligned(other, first) for other in others)]), sources=_sources(chosen))


def mask_from_layer(layer: Any, volume: Volume) -> Volume:
    """A labels layer, or an image of few whole numbers, as the mask of `volume`: what is above 0 counts.

    Raises
    ------
    InputError
        If it is neither, lies on another grid, or is empty.
    """
    layer = unwrapped(layer)
    if not isinstance(layer, Labels) and not (isinstance(layer, Image) and looks_like_mask(layer)):
        raise InputError(f"The layer {layer.name} cannot be a mask; choose labels or an image of few whole numbers.")
    _check_axes(layer)
    mask = _aligned(_volume(layer), volume)
    if not any(np.any(np.asarray(mask.channels[0][z]) > 0) for z in range(mask.shape[0])):
        raise InputError(f"The mask {mask.name} is empty; paint the part that counts, or choose no mask.")
    return mask


def volume_of_labels(layer: Any) -> Volume:
    """A labels layer, or an image of few whole numbers, as a volume of labels in its place.

    Raises
    ------
    InputError
        If it has not three axes, or is rotated.
    """
    _check_axes(unwrapped(layer))
    return _volume(unwrapped(layer))


def _check_image(layer: Any) -> None:
    if not isinstance(layer, Image):
        raise InputError(f"The layer {layer.name} is no image; choose an image layer.")
    if layer.rgb:
        raise InputError(f"The layer {layer.name} is an RGB image; split its channels (right click › Split RGB) first.")
    _check_axes(layer)


def _check_axes(layer: Any) -> None:
    if layer.ndim != 3:
        kind = "a 2-D image" if layer.ndim < 3 else f"a {layer.ndim}-D stack"
        raise InputError(f"The layer {layer.name} is {kind}; choose a volume with three axes.")


def _volume(layer: Any) -> Volume:
    data, place = full_resolution(layer), _place(layer)
    metadata = layer.metadata.get(VOLUME_METADATA) or {}
    sources = tuple(Path(source) for source in layer.metadata.get(SOURCE, ()))
    direction = layer.metadata.get(DIRECTION)
    originals = tuple(Path(original) for original in layer.metadata.get(ORIGINALS, ()))
    binning = layer.metadata.get(BINNING, (1, 1, 1))
    return Volume(
        (data,), *place, name=layer.name, sources=sources, metadata=metadata, direction=direction,
        originals=originals, binning=binning,
    )  # fmt: skip


def _place(layer: Any) -> Placement:
    _, keywords, _ = layer.as_layer_data_tuple()
    return placement_from_layer(keywords, InputError)


def _aligned(volume: Volume, target: Volume) -> Volume:
    """A layer's volume on the grid of another's; layers are seen where they lie, so that nothing is left to notes.

    Raises
    ------
    InputError
        If the two lie on different grids.
    """
    aligned = align_to(volume, target)
    both = f"{target.name} and {volume.name}"
    if aligned.unit != target.unit or not np.allclose(
        aligned.voxel_size, target.voxel_size, rtol=SIZE_TOLERANCE, atol=0
    ):
        raise InputError(f"{both} have different voxel sizes; give both layers the same scale and units.")
    steps = np.subtract(aligned.origin, target.origin) / np.array(target.voxel_size)
    if np.any(np.abs(steps) > POSITION_TOLERANCE):
        raise InputError(f"{both} lie at different places; give both layers the same translate.")
    return aligned


def _sources(layers: Sequence[Any]) -> tuple[Path, ...]:
    """The files that together hold exactly these channels in this order, none if there are none."""
    sources: list[Path] = []
    position = 0
    while position < len(layers):
        files = layers[position].metadata.get(SOURCE, ())
        _, count = layers[position].metadata.get(CHANNEL, (0, 0))
        found = [(layer.metadata.get(SOURCE), layer.metadata.get(CHANNEL)) for layer in layers[position:][:count]]
        if not files or found != [(files, (number, count)) for number in range(count)]:
            return ()
        sources += map(Path, files)
        position += count
    return tuple(sources)
