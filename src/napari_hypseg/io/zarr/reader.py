"""Reading of OME-Zarr volumes, NGFF up to 0.4 (zarr v2) and from 0.5 (zarr v3), without the ome-zarr package.

That package would bring dask, a web client and pooch into every installation for a few lines of metadata.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io import validation
from napari_hypseg.io.voxel_size import ONE_PIXEL, validate_voxel_size
from napari_hypseg.io.zarr.array import ZarrChannel
from napari_hypseg.io.zarr.ngff import Multiscale, image_label_metadata, ome_attributes
from napari_hypseg.storage.zarr_access import ZarrFolder
from napari_hypseg.storage.zarr_metadata import MARKS
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.units import PIXEL

NOT_CHUNKS = frozenset({*MARKS, ".zattrs", ".zmetadata"})
"""Metadata files of a zarr array."""


def read(path: Path) -> Volume:
    """Open the finest level of an OME-Zarr image, of labels, or a bare zarr array (z, y, x)."""
    node = ZarrFolder.open(path)
    return _read_array(path, node) if node.is_array else _read_group(path, node)


def _read_array(path: Path, node: ZarrFolder) -> Volume:
    array = node.array()
    validation.check_dtype(path, np.dtype(array.dtype))
    validation.check_shape(path, array.shape)
    size, unit, notes = validate_voxel_size(path, ONE_PIXEL, PIXEL)
    return Volume((ZarrChannel(array, (), path),), size, unit, notes=(*notes, *missing_chunks(path, path, array)))


def _read_group(path: Path, group: ZarrFolder) -> Volume:
    attributes = ome_attributes(group)
    if "multiscales" not in attributes and "0" in group and "bioformats2raw.layout" in attributes:
        group = group["0"]
        attributes = ome_attributes(group)
    if "multiscales" not in attributes:
        raise InputError(f"{path} holds no OME-Zarr image; open the folder inside it that has 'multiscales' metadata.")
    multiscale = Multiscale.parse(path, attributes["multiscales"][0])
    node = group[multiscale.path]
    array = node.array()
    validation.check_dtype(path, np.dtype(array.dtype))
    leads = multiscale.leads(path, tuple(map(int, array.shape)))
    validation.check_shape(path, tuple(array.shape[-3:]))
    size, unit, doubts = validate_voxel_size(path, multiscale.voxel_size, multiscale.unit)
    notes = (*(multiscale.notes or doubts), *missing_chunks(path, node.path, array))
    return Volume(
        tuple(ZarrChannel(array, lead, path) for lead in leads),
        size,
        unit,
        multiscale.origin,
        notes=notes,
        metadata=_label_metadata(group, attributes, multiscale.path),
    )


def _label_metadata(group: ZarrFolder, attributes: Mapping[str, Any], array: str) -> Mapping[str, Any]:
    """Names and colours of labels: those of the image itself, or of the group its array lies in."""
    folder = array.rpartition("/")[0]
    if "image-label" not in attributes and folder:
        attributes = ome_attributes(group[folder])
    return image_label_metadata(attributes.get("image-label"))


def missing_chunks(source: Path, folder: Path, array: Any) -> tuple[str, ...]:
    """A note if not one chunk lies where the metadata of `array`, stored in `folder`, say; empty else.

    Such an array reads as one value everywhere. Chunks may be left out where all voxels have the fill value; if all are
    missing, they more likely have other names (another separator between their numbers) or were not copied.
    """
    files = 0
    for name in _files(folder):
        if _is_chunk(name, array):
            return ()
        files += 1
    reason = (
        "files lie in it under other names: check 'dimension_separator'"
        if files
        else "copy the whole folder if that is wrong"
    )
    value = float(array.fill_value or 0)
    return (f"No chunk of {source.name} is where its metadata say, so every voxel is {value:g}; {reason}.",)


def _files(folder: Path) -> Iterator[str]:
    """Files below `folder` that may be chunks, relative to it, in no order."""
    for current, _, names in os.walk(folder):
        for name in names:
            if name not in NOT_CHUNKS:
                yield (Path(current) / name).relative_to(folder).as_posix()


def _is_chunk(name: str, array: Any) -> bool:
    """Whether `name` is what a chunk of `array` is called."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,18}", name)]
    place = tuple(numbers[-array.ndim :])
    return len(place) == array.ndim and str(array.metadata.encode_chunk_key(place)) == name
