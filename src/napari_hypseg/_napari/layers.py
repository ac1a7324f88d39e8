"""Open layers as a specimen: what the person chose in the dock becomes a `Volume` with its place in the world."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from napari.layers import Image, Labels

from napari_hypseg._napari.marks import CHANNEL, SOURCE, VOLUME_METADATA
from napari_hypseg._napari.proxy import unwrapped
from napari_hypseg._napari.transform import Place, place_of
from napari_hypseg.errors import InputError
from napari_hypseg.volumes.volume import Volume

SAME_PLACE = 1e-4  # of a voxel: what rounding in file headers makes of one grid


def volume_from_layers(layers: Sequence[Any]) -> Volume:
    """Image layers on one grid as the channels of one volume.

    Where every layer came from this plugin's reader, and no channel of a file is missing, the volume remembers the
    files, so that a project can open them again; otherwise its voxels live in memory.

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
    for other in others:
        _check_same_place(first, other)
    volume = first.with_channels_of(others)
    return replace(volume, sources=_sources(chosen))


def mask_from_layer(layer: Any, volume: Volume) -> Volume:
    """A labels layer as the mask of `volume`: labels above 0 count.

    Raises
    ------
    InputError
        If it is no labels layer, lies on another grid, or is empty.
    """
    layer = unwrapped(layer)
    if not isinstance(layer, Labels):
        raise InputError(f"The layer {layer.name} cannot be a mask; choose a labels layer.")
    _check_axes(layer)
    mask = _volume(layer)
    if mask.shape != volume.shape:
        raise InputError(
            f"The mask {mask.name} has {mask.shape} voxels (z, y, x) but {volume.name} has {volume.shape}; "
            "draw it on the same grid."
        )
    _check_same_place(volume, mask)
    if not any(np.any(np.asarray(mask.channels[0][z]) > 0) for z in range(mask.shape[0])):
        raise InputError(f"The mask {mask.name} is empty; paint the part that counts, or choose no mask.")
    return mask


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
    data = layer.data[0] if layer.multiscale else layer.data
    place = _place(layer)
    metadata = layer.metadata.get(VOLUME_METADATA) or {}
    sources = tuple(Path(source) for source in layer.metadata.get(SOURCE, ()))
    return Volume((data,), *place, name=layer.name, sources=sources, metadata=metadata)


def _place(layer: Any) -> Place:
    _, keywords, _ = layer.as_layer_data_tuple()
    return place_of(keywords, InputError)


def _check_same_place(first: Volume, other: Volume) -> None:
    """Shapes are checked where channels are joined; here it is scale, units and translate."""
    size = np.array(first.voxel_size)
    same_size = np.allclose(size, other.voxel_size, rtol=SAME_PLACE, atol=0)
    if first.unit != other.unit or not same_size:
        raise InputError(
            f"{first.name} and {other.name} have different voxel sizes ({_size(first)} and {_size(other)}); "
            "give both layers the same scale and units."
        )
    if not np.allclose(np.array(first.origin) / size, np.array(other.origin) / size, rtol=0, atol=SAME_PLACE * 10):
        raise InputError(f"{first.name} and {other.name} lie at different places; give both layers the same translate.")


def _size(volume: Volume) -> str:
    return f"{' × '.join(f'{edge:g}' for edge in volume.voxel_size)} {volume.unit}"


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
