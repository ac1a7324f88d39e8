"""Labels as an ImageJ stack: the TIFF that Fiji, napari, ChimeraX and QuPath open at the right scale."""

from pathlib import Path

import numpy as np

from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.record import write_record
from napari_hypseg.io.tiff_place import imagej_fields
from napari_hypseg.jobs import Job, Progress

BIG = 2**32 - 2**25
"""Bytes above which 32-bit offsets might not reach the end."""


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels section by section, compressed without loss; names and colours go into ImageJ's info."""
    import tifffile

    dtype = image.unsigned(largest=np.uint16)
    size = int(np.prod(image.shape, dtype=np.int64)) * dtype.itemsize
    description = tifffile.imagej_description(image.shape, axes="ZYX", rgb=False, **imagej_fields(image))
    resolution = (1 / image.voxel_size[2], 1 / image.voxel_size[1])
    with tifffile.TiffWriter(path, bigtiff=size > BIG, byteorder="<") as file:
        info = tifffile.imagej_metadata_tag({"Info": write_record(image)}, "<")
        for start, slab in image.slabs(dtype):
            for number, section in enumerate(slab, start):
                file.write(
                    section,
                    photometric="minisblack",
                    compression="zlib",
                    resolution=resolution,
                    resolutionunit="NONE",
                    description=None if number else description,
                    extratags=() if number else info,
                    metadata=None,
                )
            yield Progress("export", start + len(slab), image.shape[0])
