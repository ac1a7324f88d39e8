"""Writing HDF5: one data set, ``/labels`` or ``/volume``, that ilastik, Fiji, PlantSeg and funlib open to scale."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io.hdf5.safe_file import SafeFile
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.label_metadata import KEY, label_metadata_to_json
from napari_hypseg.io.spatial_grid import SpatialGrid
from napari_hypseg.io.streaming import CHUNK, write_chunk_rows
from napari_hypseg.jobs import Job
from napari_hypseg.volumes import LazyArray, Volume
from napari_hypseg.volumes.units import SYMBOLS, convert, is_length

LABELS, VOLUME = "labels", "volume"
"""Names of the data sets."""
SPACE, CHANNELS = 2, 1
"""Kinds of axes as ilastik numbers them."""


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels packed with gzip; names and colours go into an attribute."""
    dtype = image.unsigned(largest=np.uint64)
    attributes = {KEY: label_metadata_to_json(image)}
    return _write(path, LABELS, image, [image.data], dtype, "export", attributes, compression="gzip", shuffle=True)


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write channels of one type, a channel alone as (z, y, x) and several as (c, z, y, x)."""
    return _write(path, VOLUME, volume, volume.channels, volume.channels[0].dtype, "save", {})


def _write(
    path: Path, name: str, place: SpatialGrid, channels: Sequence[LazyArray], dtype: np.dtype[Any], stage: str,
    attributes: dict[str, Any], **storage: Any,
) -> Job[None]:  # fmt: skip
    """Write one data set chunk row by chunk row; `storage` says how HDF5 packs it."""
    import h5py

    single = len(channels) == 1
    shape = place.shape if single else (len(channels), *place.shape)
    chunks = (*(1,) * (len(shape) - 3), *(min(CHUNK, n) for n in place.shape))
    with SafeFile(path) as stored, h5py.File(stored, "w") as file:
        array = file.create_dataset(name, shape, dtype, chunks=chunks, **storage)
        letters = "czyx"[-len(shape) :]
        for dim, letter in zip(array.dims, letters, strict=True):
            dim.label = letter
        array.attrs.update(attributes | _place(place, letters))
        leads: list[tuple[int, ...]] = [()] if single else [(c,) for c in range(len(channels))]
        yield from write_chunk_rows(array, channels, leads, stage)


def _place(place: SpatialGrid, letters: str) -> dict[str, Any]:
    """Axes, voxel size and origin in the ways of `hdf5_axes`."""
    sizes = dict(zip("zyx", place.voxel_size, strict=True)) if is_length(place.unit) else {}
    tags = [
        {"key": letter, "typeFlags": CHANNELS if letter == "c" else SPACE, "resolution": sizes.get(letter, 0.0),
         "description": ""}
        for letter in letters
    ]  # fmt: skip
    found = {
        "axistags": json.dumps({"axes": tags}),
        "voxel_size": np.array(place.voxel_size),
        "offset": np.array(place.origin),
        "units": [place.unit] * 3,
    }
    if not sizes:
        return found
    return found | {
        "axis_units": json.dumps(dict.fromkeys(sizes, SYMBOLS[place.unit])),
        "element_size_um": np.array([convert(edge, place.unit, "micrometer") for edge in place.voxel_size]),
    }
