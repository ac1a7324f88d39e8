"""Writing ImageJ stacks, of labels and of grey values: the TIFF that Fiji, napari and ChimeraX open to scale."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.label_metadata import label_metadata_to_json
from napari_hypseg.io.spatial_grid import SpatialGrid
from napari_hypseg.io.streaming import iterate_slabs
from napari_hypseg.io.tiff.spatial_metadata import imagej_fields
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import LazyArray, Volume

BIG = 2**32 - 2**25
"""Bytes above which 32-bit offsets might not reach the end."""


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels compressed without loss; names and colours go into ImageJ's info."""
    dtype = image.unsigned(largest=np.uint16)
    return _write(path, image, [image.data], dtype, "export", label_metadata_to_json(image), compression="zlib")


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write channels of one type, a section of each in turn, in one piece that can be mapped into memory."""
    return _write(path, volume, volume.channels, volume.channels[0].dtype, "save", contiguous=True)


def _write(
    path: Path,
    place: SpatialGrid,
    channels: Sequence[LazyArray],
    dtype: np.dtype[Any],
    stage: str,
    info: str = "",
    **storage: Any,
) -> Job[None]:
    """Write section by section; `storage` says how tifffile stores one."""
    import tifffile

    depth, height, width = place.shape
    shape = (depth, len(channels), height, width) if len(channels) > 1 else place.shape
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    first = _first(place, shape, info)
    storage |= {
        "photometric": "minisblack",
        "resolution": (1 / place.voxel_size[2], 1 / place.voxel_size[1]),
        "resolutionunit": "NONE",
        "metadata": None,
    }
    with tifffile.TiffWriter(path, bigtiff=size > BIG, byteorder="<") as file:
        for parts in zip(*(iterate_slabs(channel, dtype) for channel in channels), strict=True):
            for sections in zip(*(slab for _, slab in parts), strict=True):
                for section in sections:
                    file.write(section, **storage, **first)
                    first = {"description": None}
            start, slab = parts[0]
            yield Progress(stage, start + len(slab), depth)


def _first(place: SpatialGrid, shape: tuple[int, ...], info: str) -> dict[str, Any]:
    """What the first section says of all."""
    import tifffile

    axes = "ZYX" if len(shape) == 3 else "ZCYX"
    description = tifffile.imagej_description(shape, axes=axes, rgb=False, **imagej_fields(place))
    tags = tifffile.imagej_metadata_tag({"Info": info}, "<") if info else ()
    return {"description": description, "extratags": tags}
