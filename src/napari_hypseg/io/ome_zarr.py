"""OME-Zarr volumes, NGFF up to 0.4 (zarr v2) and from 0.5 (zarr v3), read without the ome-zarr package.

That package would bring dask, a web client and pooch into every installation for a few lines of metadata.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io import content, ome_zarr_write
from napari_hypseg.io.format import Format
from napari_hypseg.io.missing_chunks import missing_chunks
from napari_hypseg.io.ngff import Multiscale, image_label_metadata, ome_attributes
from napari_hypseg.io.ome_zarr_labels import write_labels
from napari_hypseg.io.voxel_size import ONE_PIXEL, settle
from napari_hypseg.io.zarr_channel import ZarrChannel
from napari_hypseg.storage.zarr_access import ZarrFolder
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.units import PIXEL


def read(path: Path) -> Volume:
    """Open the finest level of an OME-Zarr image, of labels, or a bare zarr array (z, y, x)."""
    node = ZarrFolder.open(path)
    return _read_array(path, node) if node.is_array else _read_group(path, node)


def _read_array(path: Path, node: ZarrFolder) -> Volume:
    array = node.array()
    content.check_dtype(path, np.dtype(array.dtype))
    content.check_shape(path, array.shape)
    size, unit, notes = settle(path, ONE_PIXEL, PIXEL)
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
    content.check_dtype(path, np.dtype(array.dtype))
    leads = multiscale.leads(path, tuple(map(int, array.shape)))
    content.check_shape(path, tuple(array.shape[-3:]))
    size, unit, doubts = settle(path, multiscale.voxel_size, multiscale.unit)
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


FORMAT = Format(
    name="ome-zarr",
    title="OME-Zarr image",
    suffixes=(".ome.zarr", ".zarr"),
    read=read,
    write_labels=write_labels,
    write_volume=ome_zarr_write.write_volume,
    holds_channels=True,
    written=(".zarr", ".ome.zarr"),
    may_replace=ome_zarr_write.is_export,
)
