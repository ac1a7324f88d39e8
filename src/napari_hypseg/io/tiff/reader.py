"""Reading of TIFF stacks: ImageJ's, OME's, and plain ones."""

import logging
import math
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.io import axis_layout, validation
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.label_metadata import label_metadata_from_json
from napari_hypseg.io.tiff import spatial_metadata
from napari_hypseg.io.tiff.calibration import read_calibration
from napari_hypseg.io.voxel_size import validate_voxel_size
from napari_hypseg.storage.scratch import Scratch, scratch_file
from napari_hypseg.volumes import Volume

RGB_PHOTOMETRICS = (2, 5, 6, 8)
"""RGB, separated (CMYK), YCbCr and CIE Lab."""
LARGE_PAGE = 2**30
"""Bytes of a section from which on its file has to be large enough for it."""
MAX_RATIO = 1500
"""How many bytes one byte of a file can stand for in so large a section."""

logging.getLogger("tifffile").addHandler(logging.NullHandler())
"""What the library finds odd in a file is said in a sentence of ours, and not on the screen beside it."""


def read(path: Path) -> Volume:
    """Open a stack: what is stored in one uncompressed piece by memory map, the rest unpacked to a temporary file."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        check_page_chain(path, file)
        try:
            return _read(path, file)
        except ValueError as error:
            if "imagecodecs" not in str(error) and "COMPRESSION" not in str(error):
                raise
            raise InputError(
                f"{path} is compressed in a way that cannot be unpacked here; save it uncompressed or with LZW or "
                "Deflate (ZIP) compression."
            ) from error


def _read(path: Path, file: Any) -> Volume:
    series = _series(path, file)
    first = series[0]
    axes, shape = first.axes, tuple(map(int, first.shape))
    if int(first.keyframe.photometric) in RGB_PHOTOMETRICS or int(first.keyframe.samplesperpixel) > 1:
        raise validation.rgb_error(path)
    if len(series) > 1:
        axes, shape = "I" + axes, (len(series), *shape)
    layout = axis_layout.find_axis_layout(path, axes, shape)
    dtype = np.dtype(first.dtype).newbyteorder(file.byteorder)
    validation.check_dtype(path, dtype)
    plain, offset, scratch = _numbers(path, series, dtype, shape)
    scale = read_calibration(path.name, file, first.keyframe, dtype)
    whole = FileArray(plain, dtype, shape, offset, layout.axes, (), scale.slope, scale.intercept, path, scratch)
    channels = tuple(replace(whole, lead=lead) for lead in layout.leads)
    header = spatial_metadata.read_voxel_size(path.name, file)
    size, unit, doubts = validate_voxel_size(path, header.size, header.unit)
    notes = (*(doubts or header.notes), *scale.notes)
    info = (file.imagej_metadata or {}).get("Info")
    origin = spatial_metadata.read_origin(file, size)
    return Volume(channels, size, unit, origin, notes=notes, metadata=label_metadata_from_json(info))


def _series(path: Path, file: Any) -> list[Any]:
    """The first image of the file, or all of them if they are 2-D sections of one shape."""
    every = list(file.series)
    if not every:
        raise InputError(f"{path} holds no image; export the volume again.")
    first = every[0]
    sections = [one for one in every if (one.axes, one.shape, one.dtype) == (first.axes, first.shape, first.dtype)]
    return sections if len(first.shape) == 2 and len(sections) == len(every) else [first]


def _numbers(
    path: Path, series: list[Any], dtype: np.dtype[Any], shape: tuple[int, ...]
) -> tuple[Path, int, Scratch | None]:
    """File and offset of the C-ordered numbers, and the owner of that file if it is a temporary one."""
    if len(series) == 1 and series[0].dataoffset is not None:
        return path, int(series[0].dataoffset), None
    size = math.prod(shape) * dtype.itemsize
    with scratch_file(path, ".raw", size) as scratch, scratch.path.open("wb") as out:
        for section in _sections(path, series, dtype):
            out.write(section.data)
            if out.tell() > size:
                break
    if scratch.path.stat().st_size != size:
        raise InputError(f"{path} is cut short or misses pages; copy or export it again.")
    return scratch.path, 0, scratch


def _sections(path: Path, series: list[Any], dtype: np.dtype[Any]) -> Iterator[npt.NDArray[Any]]:
    """Decode page by page, so that never more than one is in memory."""
    allowed = max(LARGE_PAGE, path.stat().st_size * MAX_RATIO)
    for page in (page for one in series for page in one.pages if page is not None):
        if math.prod(map(int, page.shape)) * dtype.itemsize > allowed:
            raise InputError(f"{path} states a section far larger than it can hold; copy or export it again.")
        yield np.ascontiguousarray(page.asarray(), dtype=dtype)


def check_page_chain(path: Path, file: Any) -> None:
    """Make sure that the pages of an open TIFF come to an end.

    A chain that breaks off in a damaged place has come to an end; what is there is for others to judge.

    Raises
    ------
    InputError
        If a page is followed by an earlier one.
    """
    handle, tiff = file.filehandle, file.tiff
    seen: set[int] = set()
    handle.seek(8 if tiff.is_bigtiff else 4)
    while offset := _number(handle.read(tiff.offsetsize), tiff.offsetformat):
        if offset in seen:
            raise InputError(f"The pages of {path} lead round in a circle; copy or export it again.")
        seen.add(offset)
        if offset >= handle.size:
            return
        handle.seek(offset)
        tags = _number(handle.read(tiff.tagnosize), tiff.tagnoformat)
        handle.seek(offset + tiff.tagnosize + tags * tiff.tagsize)


def _number(raw: bytes, kind: str) -> int:
    """0 where a file breaks off."""
    return int(struct.unpack(kind, raw)[0]) if len(raw) == struct.calcsize(kind) else 0
