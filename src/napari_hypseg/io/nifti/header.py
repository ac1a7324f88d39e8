"""The header of a NIfTI file, with what programs are known to leave wrong in it put right.

The fields and their checks are nibabel's. `nibabel.load` itself is not used: it recognises a compressed file by its
name, and reads the header as voxels where ``vox_offset`` was left at 0.
"""

import io
import logging
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.storage.reading import reading

EXTENSION_FLAG_BYTES = 4
"""Bytes behind the header that say whether extensions follow; a single file has them before its first voxel."""
MAX_EXTENSIONS = 2**26
"""Bytes before the first voxel that are read at most."""
FATAL = 40
"""Level of nibabel's checks from which on a header cannot be used; what is below is put right."""
_NATIVE = "<" if sys.byteorder == "little" else ">"


def read_header(plain: Path, source: Path) -> tuple[Any, npt.NDArray[np.float64]]:
    """Header of the uncompressed file `plain`, and its voxel edges (x, y, z); errors name `source`.

    The edges are those of ``pixdim`` as they stand in the file, where nibabel would have replaced a 0 by 1.

    Raises
    ------
    InputError
        If this is no NIfTI file.
    """
    with reading(source, "NIfTI volume"):
        header = _parse(plain)
        edges = np.abs(np.asarray(header["pixdim"][1:4], dtype=np.float64))
        header.check_fix(logger=logging.Logger(__name__, logging.CRITICAL + 1), error_level=FATAL)
        header.get_data_dtype(), header.get_slope_inter()  # so that what they refuse is refused here
    return header, edges


def expected_bytes(head: bytes, source: Path) -> int:
    """Bytes of a whole file that begins with `head`; errors name `source`.

    Raises
    ------
    InputError
        If this is no NIfTI file.
    """
    with reading(source, "NIfTI volume"):
        kind = _kind(head[:4])
        header = kind(head[: kind.sizeof_hdr], check=False)
        edges = [max(1, int(length)) for length in header["dim"][1 : 1 + int(header["dim"][0])]]
        voxels = math.prod(edges) * int(header.get_data_dtype().itemsize)
        return voxels + max(int(kind.sizeof_hdr), min(data_offset(header), MAX_EXTENSIONS))


def stored_shape(header: Any) -> tuple[int, ...]:
    """Shape of the C-ordered array in the file: (z, y, x) behind axes that are longer than 1."""
    shape = tuple(int(length) for length in header.get_data_shape())
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    return shape[::-1]


def scaling(header: Any) -> tuple[float, float]:
    """Slope and intercept, 1 and 0 where the header has none."""
    slope, intercept = header.get_slope_inter()
    return (1.0, 0.0) if slope is None else (float(slope), float(intercept))


def data_offset(header: Any) -> int:
    """Where the voxels begin."""
    return int(header["vox_offset"])


def _parse(plain: Path) -> Any:
    """The header as it stands in the file, with its extensions, and with voxels that begin behind both.

    Voxels of a single file cannot begin before its header and the four bytes behind it end, whatever ``vox_offset``
    says; programs that leave it at 0 or at the header's size write them right there.
    """
    with plain.open("rb") as file:
        kind = _kind(file.read(4))
        file.seek(0)
        header = kind(file.read(kind.sizeof_hdr), check=False)
        least = int(kind.sizeof_hdr) + EXTENSION_FLAG_BYTES
        has_extensions = file.read(EXTENSION_FLAG_BYTES)[:1] not in (b"", b"\0")
        if not float(header["vox_offset"]) >= least:
            header["vox_offset"] = least
        elif has_extensions:
            swapped = header.endianness != _NATIVE
            region = file.read(max(0, min(data_offset(header) - least, MAX_EXTENSIONS)))
            header.extensions = kind.exts_klass.from_fileobj(io.BytesIO(region), len(region), swapped)
    return header


def _kind(start: bytes) -> Any:
    """NIfTI-1 or -2, by the size of the header that a file begins with, in either byte order."""
    import nibabel

    for kind in (nibabel.Nifti1Header, nibabel.Nifti2Header):
        if int(kind.sizeof_hdr) in (int.from_bytes(start, "little"), int.from_bytes(start, "big")):
            return kind
    raise ValueError("it does not begin with a NIfTI header")
