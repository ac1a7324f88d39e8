"""NumPy's own files, ``.npy`` and ``.npz``; pickled objects in them are never loaded."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io import validation
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.streaming import write_slabs
from napari_hypseg.io.voxel_size import ONE_PIXEL, validate_voxel_size
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.storage.scratch import MARGIN, Scratch, copy_at_most, scratch_file
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.units import PIXEL

MAX_HEADER = 2**16
"""Bytes of the longest header that is read; NumPy itself writes a hundred or so."""


@dataclass(frozen=True)
class NpyHeader:
    """What the numbers that follow are.

    Parameters
    ----------
    dtype
        Of the numbers in the file.
    shape
        Of the array.
    fortran_order
        Whether the first axis is the fastest.
    length
        Bytes of the header itself.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    length: int


def read_npy_header(file: IO[bytes]) -> NpyHeader:
    """Read the header that `file` begins with.

    Raises
    ------
    ValueError
        If it begins with something else. What else NumPy's parser may raise depends on the damage.
    """
    start = file.read(np.lib.format.MAGIC_LEN)
    version = np.lib.format.read_magic(io.BytesIO(start))
    width = 2 if version == (1, 0) else 4
    counted = file.read(width)
    length = int.from_bytes(counted, "little")
    if length > MAX_HEADER:
        raise ValueError("its header is far too long")
    text = file.read(length)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = read(io.BytesIO(counted + text))
    return NpyHeader(dtype, tuple(map(int, shape)), bool(fortran_order), len(start) + width + length)


def read(path: Path) -> Volume:
    """Open an array (z, y, x) by memory map; an ``.npz`` must hold exactly one."""
    if zipfile.is_zipfile(path):
        array = _member(path)
    else:
        with path.open("rb") as file:
            array = _array(read_npy_header(file), path, path)
    size, unit, notes = validate_voxel_size(path, ONE_PIXEL, PIXEL)
    return Volume((array,), size, unit, notes=notes)


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write the one channel of `volume`; of its place a `Notice` says that it is lost."""
    (channel,) = volume.channels
    with path.open("wb") as file:
        header = {"shape": volume.shape, "fortran_order": False, "descr": np.lib.format.dtype_to_descr(channel.dtype)}
        np.lib.format.write_array_header_2_0(file, header)
        yield from write_slabs(channel, channel.dtype, "save", lambda slab: file.write(slab.data))
    yield Notice(f"{path.name} holds voxels alone: NumPy's files have no room for voxel size and origin.")


def _array(header: NpyHeader, plain: Path, source: Path, scratch: Scratch | None = None) -> FileArray:
    if header.dtype.hasobject:
        raise InputError(f"{source} holds Python objects, not numbers; save a plain array of numbers.")
    validation.check_dtype(source, header.dtype)
    validation.check_shape(source, header.shape)
    backwards = header.fortran_order
    return FileArray(
        plain,
        header.dtype,
        header.shape[::-1] if backwards else header.shape,
        offset=header.length,
        axes=tuple(reversed(range(len(header.shape)))) if backwards else None,
        source=source,
        keep=scratch,
    )


def _member(path: Path) -> FileArray:
    """The only array of an archive, unpacked to a temporary file once its own header is found to fit."""
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
        if len(members) != 1:
            raise InputError(f"{path} holds {len(members)} arrays; save the one you mean with numpy.save.")
        if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(f"{path} is compressed as NumPy does not do it; save it again with numpy.save.")
        with archive.open(members[0]) as packed:
            needed = _array(read_npy_header(packed), path, path).end
        validation.check_length(path, members[0].file_size, needed)
        with scratch_file(path, ".npy", needed) as scratch:
            with archive.open(members[0]) as packed, scratch.path.open("wb") as plain:
                copy_at_most(packed, plain, needed + MARGIN, path)
            with scratch.path.open("rb") as plain:
                return _array(read_npy_header(plain), scratch.path, path, scratch)
