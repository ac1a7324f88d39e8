"""MRC maps and their labels: tomograms of IMOD, RELION, Warp and the maps of the EMDB."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.io import content, mrc_header, mrc_names
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.format import Format
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.scratch import unpacked
from napari_hypseg.io.units import PIXEL, convert
from napari_hypseg.io.voxel_size import ONE_PIXEL, settle
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes import Vector3, Volume

PLAIN = (".mrc", ".rec", ".map", ".st", ".ali")
BELIEVED = (1e-3, 1e6)
"""Smallest and largest voxel edge in Å that a header is believed."""


def read(path: Path) -> Volume:
    """Open a map by memory map; a compressed one is unpacked to a temporary file first."""
    plain, scratch = unpacked(path, ".mrc")
    header = mrc_header.read_header(plain, path)
    array = FileArray(
        plain,
        mrc_header.stored_dtype(header, path),
        mrc_header.stored_shape(header),
        offset=mrc_header.HEADER_BYTES + int(header.nsymbt),
        axes=mrc_header.axis_order(header),
        source=path,
        keep=scratch,
    )
    content.check_length(path, plain.stat().st_size, array.end)
    if (count := mrc_header.volumes_in_stack(header)) > 1:
        raise content.stack(path, (count, array.stored_shape[0] // count, *array.stored_shape[1:]))
    content.check_shape(path, array.shape)
    header_size = mrc_header.voxel_size(header)
    size, unit, notes = settle(path, header_size, "angstrom", BELIEVED)
    return Volume(
        (array,),
        size,
        unit,
        mrc_header.origin(header, size),
        notes=(*notes, *_notes(path, header, size, unit)),
        metadata=mrc_names.read_names(header),
    )


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels slab by slab, in the smallest mode that holds them, as plain bytes.

    Plain writes rather than a memory map: on a full disk a map kills the process, a write can be reported.
    """
    dtype = label_dtype(image)
    low, high, total, squares = image.maximum, 0, 0, 0
    with path.open("w+b") as file:
        file.write(bytes(mrc_header.HEADER_BYTES))
        for start, slab in image.slabs(dtype):
            file.write(slab.data)
            wide = slab.astype(np.int64)
            low, high = min(low, int(slab.min())), max(high, int(slab.max()))
            total, squares = total + int(wide.sum()), squares + int(np.square(wide).sum())
            yield Progress("export", start + len(slab), image.shape[0])
        mean = total / np.prod(image.shape, dtype=np.int64)
        rms = max(0.0, squares / np.prod(image.shape, dtype=np.int64) - mean**2) ** 0.5
        header = _label_header(path.with_suffix(".header"), image, dtype, (low, high, mean, rms))
        file.seek(0)
        file.write(header)


def label_dtype(image: LabelImage) -> npt.DTypeLike:
    """int8, int16 or uint16: the modes every program of the field reads.

    Raises
    ------
    OutputError
        If a region id is above 65535.
    """
    image.unsigned(largest=np.uint16)
    small = (kind for kind in (np.int8, np.int16) if image.maximum <= np.iinfo(kind).max)
    return next(small, np.uint16)


def _notes(path: Path, header: Any, size: Vector3, unit: str) -> tuple[str, ...]:
    notes = []
    if unit != PIXEL and size == ONE_PIXEL:
        notes.append(f"The header of {path.name} says exactly 1 Å per voxel; correct it if that is not true.")
    if mrc_header.axis_order(header) != (0, 1, 2):
        notes.append(f"{path.name} stores its axes in another order; they were turned to z, y, x as its header says.")
    if mrc_header.is_old_style(header):
        notes.append(f"{path.name} has an old-style MRC header without a map id; check that its size looks right.")
    return tuple(notes)


def _label_header(path: Path, image: LabelImage, dtype: npt.DTypeLike, statistics: tuple[float, ...]) -> bytes:
    """A whole MRC2014 header, made by mrcfile on a map of one voxel and then told the true grid."""
    import mrcfile

    depth, height, width = image.shape
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(np.zeros((1, 1, 1), dtype))
        header = file.header
        header.nz, header.ny, header.nx = header.mz, header.my, header.mx = depth, height, width
        for axis, count, edge, start in zip("zyx", image.shape, *_place(image), strict=True):
            header.cella[axis] = count * edge
            header.origin[axis] = start
        header.dmin, header.dmax, header.dmean, header.rms = statistics
        mrc_names.write_names(header, image.names)
        made: bytes = header.tobytes()
    path.unlink()
    return made


def _place(image: LabelImage) -> tuple[Vector3, Vector3]:
    """Voxel size and origin (z, y, x) in Å; a voxel of one pixel is written as 0, which is MRC's "unknown"."""
    if image.unit == PIXEL:
        return ((0.0, 0.0, 0.0) if image.voxel_size == ONE_PIXEL else image.voxel_size), image.origin
    size_z, size_y, size_x = (convert(edge, image.unit, "angstrom") for edge in image.voxel_size)
    z, y, x = (convert(start, image.unit, "angstrom") for start in image.origin)
    return (size_z, size_y, size_x), (z, y, x)


FORMAT = Format(
    name="mrc",
    title="MRC map",
    suffixes=tuple(plain + packed for packed in ("", ".gz", ".bz2") for plain in PLAIN),
    read=read,
    write_labels=write_labels,
    written=PLAIN,
)
