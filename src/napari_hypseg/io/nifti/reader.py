"""NIfTI volumes of MRI and CT.

They are stored x, y, z with x fastest; the same bytes in C order are z, y, x, so that nothing is turned or flipped.
"""

from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.label_metadata import label_metadata_from_json
from napari_hypseg.io.nifti import affine as nifti_affine
from napari_hypseg.io.nifti import header as nifti_header
from napari_hypseg.io.nifti import writer as nifti_write
from napari_hypseg.io.voxel_size import validate_voxel_size
from napari_hypseg.storage.scratch import Scratch, decompressed
from napari_hypseg.volumes import Volume

LABELS = 1002
"""Intent code of voxels that are labels (NIFTI_INTENT_LABEL)."""


def read(path: Path) -> Volume:
    """Open a NIfTI-1 or -2 file by memory map; a compressed one is unpacked to a temporary file first.

    Compression is recognised by the first bytes of the file, not by its name.
    """
    plain, scratch = decompressed(path, ".nii", lambda head: nifti_header.expected_bytes(head, path))
    header, edges = nifti_header.read_header(plain, path)
    array = _map(header, plain, path, scratch)
    place = nifti_affine.read_placement(header, edges, path.name)
    size, unit, notes = validate_voxel_size(path, place.voxel_size, place.unit)
    names: dict[str, Any] = {"labels": True} if int(header["intent_code"]) == LABELS else {}
    for extension in header.extensions:
        names |= label_metadata_from_json(
            extension.get_content() if extension.get_code() == nifti_write.COMMENT else None
        )
    notes = (*place.notes, *notes)
    metadata = {**place.metadata, **names}
    return Volume((array,), size, unit, place.origin, notes=notes, metadata=metadata, direction=place.direction)


def _map(header: Any, plain: Path, source: Path, scratch: Scratch | None) -> FileArray:
    shape = nifti_header.stored_shape(header)
    dtype = np.dtype(header.get_data_dtype())
    slope, intercept = nifti_header.scaling(header)
    return FileArray(
        plain,
        dtype,
        shape,
        offset=nifti_header.data_offset(header),
        slope=slope,
        intercept=intercept,
        source=source,
        keep=scratch,
    )
