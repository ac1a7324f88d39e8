"""NIfTI volumes of MRI and CT.

They are stored x, y, z with x fastest; the same bytes in C order are z, y, x, so that nothing is turned or flipped.
"""

from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io import content, nifti_affine, nifti_write
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.format import Format
from napari_hypseg.io.record import read_record
from napari_hypseg.io.voxel_size import settle
from napari_hypseg.storage.scratch import Scratch, unpacked
from napari_hypseg.volumes import Volume


def read(path: Path) -> Volume:
    """Open a NIfTI-1 or -2 file by memory map; a compressed one is unpacked to a temporary file first."""
    plain, scratch = unpacked(path, ".nii")
    image = _load(plain, path)
    array = _map(image, plain, path, scratch)
    content.check_dtype(path, array.stored)
    content.check_length(path, plain.stat().st_size, array.end)
    content.check_shape(path, array.shape)
    place = nifti_affine.place_of(image, _edges(image, plain))
    size, unit, notes = settle(path, place.voxel_size, place.unit)
    names: dict[str, Any] = {}
    for extension in image.header.extensions:
        names |= read_record(extension.get_content() if extension.get_code() == nifti_write.COMMENT else None)
    return Volume((array,), size, unit, place.origin, notes=notes, metadata={**place.metadata, **names})


def _load(plain: Path, source: Path) -> Any:
    import nibabel

    try:
        return nibabel.load(plain)
    except Exception as error:  # a damaged header surfaces as one of a dozen classes
        raise content.unreadable(source, "NIfTI", error) from error


def _edges(image: Any, plain: Path) -> Any:
    with plain.open("rb") as file:
        header = type(image.header).from_fileobj(file, check=False)
    return np.abs(header["pixdim"][1:4])


def _map(image: Any, plain: Path, source: Path, scratch: Scratch | None) -> FileArray:
    proxy = image.dataobj
    shape = tuple(map(int, proxy.shape))
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    return FileArray(
        plain,
        np.dtype(proxy.dtype),
        shape[::-1],
        offset=int(proxy.offset),
        slope=float(proxy.slope),
        intercept=float(proxy.inter),
        source=source,
        keep=scratch,
    )


FORMAT = Format(
    name="nifti",
    title="NIfTI volume",
    suffixes=(".nii.gz", ".nii"),
    read=read,
    write_labels=nifti_write.write_labels,
    write_volume=nifti_write.write_volume,
    voxel_type=nifti_write.voxel_type,
    written=(".nii.gz", ".nii"),
)
