"""NIfTI volumes of MRI and CT.

They are stored x, y, z with x fastest; the same bytes in C order are z, y, x, so that nothing is turned or flipped.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from napari_hypseg.io import content, nifti_affine
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.format import Format
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.record import read_record, write_record
from napari_hypseg.io.scratch import Scratch, unpacked
from napari_hypseg.io.voxel_size import settle
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import Volume

COMMENT = 6
"""Code of a header extension that holds text."""
COMPRESSION = 4
MAX_EDGE_1 = 2**15 - 1
"""Longest edge a NIfTI-1 header can count; longer ones need NIfTI-2."""


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
        names |= read_record(extension.get_content() if extension.get_code() == COMMENT else None)
    return Volume((array,), size, unit, place.origin, notes=notes, metadata={**place.metadata, **names})


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Stream labels with the affine of the volume they belong to, or one made of voxel size and origin."""
    dtype = image.unsigned().newbyteorder("<")
    with _opened(path) as file:
        file.write(_label_header(image, dtype))
        for start, slab in image.slabs(dtype):
            file.write(slab.data)
            yield Progress("export", start + len(slab), image.shape[0])


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


def _label_header(image: LabelImage, dtype: np.dtype[Any]) -> bytes:
    """Header, extension with names and colours, and the padding up to the first voxel."""
    import nibabel

    shape = image.shape[::-1]
    kind: Any = nibabel.Nifti1Header if max(shape) <= MAX_EDGE_1 else nibabel.Nifti2Header
    header = kind(endianness="<")
    header.set_data_shape(shape)
    header.set_data_dtype(dtype)
    header.set_intent("label", name="regions")
    header["cal_max"] = image.maximum
    nifti_affine.set_place(header, image)
    extension = nibabel.nifti1.Nifti1Extension(COMMENT, write_record(image).encode())
    offset = int(header.single_vox_offset) + extension.get_sizeondisk()
    header.set_data_offset(offset)
    header.set_slope_inter(1.0, 0.0)
    header["magic"] = header.single_magic
    made: bytes = header.binaryblock + b"\1\0\0\0" + _extension_bytes(extension)
    return made.ljust(offset, b"\0")


def _extension_bytes(extension: Any) -> bytes:
    size = extension.get_sizeondisk()
    head = np.array([size, extension.get_code()], "<i4").tobytes()
    content_bytes: bytes = extension.get_content()
    if isinstance(content_bytes, str):
        content_bytes = content_bytes.encode()
    return (head + content_bytes).ljust(size, b"\0")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if path.name.lower().endswith(".gz"):
        with gzip.open(path, "wb", compresslevel=COMPRESSION) as file:
            yield file
    else:
        with path.open("wb") as file:
            yield file


FORMAT = Format(
    name="nifti",
    title="NIfTI volume",
    suffixes=(".nii.gz", ".nii"),
    read=read,
    write_labels=write_labels,
    written=(".nii.gz", ".nii"),
)
