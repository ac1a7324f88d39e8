"""Reading of MRC maps: tomograms of IMOD, RELION, Warp and the maps of the EMDB."""

from pathlib import Path
from typing import Any

from napari_hypseg.io import validation
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.mrc import header as mrc_header
from napari_hypseg.io.mrc import header_text
from napari_hypseg.io.voxel_size import ONE_PIXEL, validate_voxel_size
from napari_hypseg.storage.scratch import decompressed
from napari_hypseg.volumes import Vector3, Volume, VoxelSizeNote
from napari_hypseg.volumes.units import PIXEL

PLAUSIBLE_EDGES = (1e-3, 1e8)
"""Smallest and largest voxel edge in Å that a header is believed; the largest, 10 mm, is a coarse clinical scan's."""


def read(path: Path) -> Volume:
    """Open a map by memory map; a compressed one is unpacked to a temporary file first."""
    plain, scratch = decompressed(path, ".mrc", lambda head: mrc_header.expected_bytes(head, path))
    header = mrc_header.read_header(plain, path)
    length = plain.stat().st_size
    array = FileArray(
        plain,
        mrc_header.stored_dtype(header, path),
        mrc_header.stored_shape(header),
        offset=mrc_header.data_offset(header, length),
        axes=mrc_header.axis_order(header),
        source=path,
        keep=scratch,
    )
    if (count := mrc_header.volumes_in_stack(header)) > 1:
        raise validation.stack_error(path, (count, array.stored_shape[0] // count, *array.stored_shape[1:]))
    header_size = mrc_header.voxel_size(header)
    said = PIXEL if header_text.PIXEL_MARK in header_text.read_lines(header) else "angstrom"
    size, unit, notes = validate_voxel_size(path, header_size, said, PLAUSIBLE_EDGES)
    return Volume(
        (array,),
        size,
        unit,
        mrc_header.origin(header, size),
        notes=(*notes, *_notes(path, header, length, size, unit)),
        metadata=header_text.read_label_metadata(header),
    )


def _notes(path: Path, header: Any, length: int, size: Vector3, unit: str) -> tuple[str, ...]:
    notes = list[str]()
    if unit != PIXEL and size == ONE_PIXEL:
        doubt = f"The header of {path.name} says exactly 1 Å per voxel; correct it if that is not true."
        notes.append(VoxelSizeNote(doubt))
    if mrc_header.axis_order(header) != (0, 1, 2):
        notes.append(f"{path.name} stores its axes in another order; they were turned to z, y, x as its header says.")
    if mrc_header.is_old_style(header):
        notes.append(f"{path.name} has an old-style MRC header without a map id; check that its size looks right.")
    if mrc_header.is_extension_missing(header, length):
        notes.append(
            f"The header of {path.name} promises an extended header of {int(header.nsymbt)} bytes that is not in the "
            "file; all voxels are."
        )
    return tuple(notes)
