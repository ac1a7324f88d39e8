"""Writing NIfTI volumes, of labels and of grey values."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from napari_hypseg.io.dtype_conversion import portable_dtype
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.label_metadata import label_metadata_to_json
from napari_hypseg.io.nifti import affine as nifti_affine
from napari_hypseg.io.spatial_grid import SpatialGrid
from napari_hypseg.io.streaming import write_slabs
from napari_hypseg.jobs import Job
from napari_hypseg.volumes import LazyArray, Volume

COMMENT = 6
"""Code of a header extension that holds text."""
COMPRESSION = 4
MAX_EDGE_1 = 2**15 - 1
"""Longest edge a NIfTI-1 header can count; longer ones need NIfTI-2."""


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels with the affine of the volume they belong to, or one made of voxel size and origin."""
    dtype = image.unsigned().newbyteorder("<")
    header = _header(image, dtype)
    header.set_intent("label", name="regions")
    header["cal_max"] = image.maximum
    return _write(path, _closed(header, label_metadata_to_json(image)), image.data, dtype, "export")


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write the one channel of `volume` with the affine it was read with, moved to where it now begins."""
    (channel,) = volume.channels
    dtype = channel.dtype.newbyteorder("<")
    return _write(path, _closed(_header(volume, dtype)), channel, dtype, "save")


def stored_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The same type, but for 16-bit floats, which NIfTI has not."""
    return np.dtype(np.float32) if dtype.name == "float16" else portable_dtype(dtype)


def _write(path: Path, head: bytes, data: LazyArray, dtype: np.dtype[Any], stage: str) -> Job[None]:
    with _opened(path) as file:
        file.write(head)
        yield from write_slabs(data, dtype, stage, lambda slab: file.write(slab.data))


def _header(place: SpatialGrid, dtype: np.dtype[Any]) -> Any:
    import nibabel

    shape = place.shape[::-1]
    kind: Any = nibabel.Nifti1Header if max(shape) <= MAX_EDGE_1 else nibabel.Nifti2Header
    header = kind(endianness="<")
    header.set_data_shape(shape)
    header.set_data_dtype(dtype)
    nifti_affine.write_placement(header, place)
    header.set_slope_inter(1.0, 0.0)
    header["magic"] = header.single_magic
    return header


def _closed(header: Any, text: str = "") -> bytes:
    """Header, extension with `text` if there is any, and the padding up to the first voxel."""
    extension = _extension(text) if text else b""
    offset = int(header.single_vox_offset) + len(extension)
    header.set_data_offset(offset)
    made: bytes = header.binaryblock + (b"\1\0\0\0" if extension else bytes(4)) + extension
    return made.ljust(offset, b"\0")


def _extension(text: str) -> bytes:
    """Size, code and text, padded to a multiple of 16 bytes."""
    content = text.encode()
    size = -(-(len(content) + 8) // 16) * 16
    return (np.array([size, COMMENT], "<i4").tobytes() + content).ljust(size, b"\0")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if path.name.lower().endswith(".gz"):
        with gzip.open(path, "wb", compresslevel=COMPRESSION) as file:
            yield file
    else:
        with path.open("wb") as file:
            yield file
