"""The header of an MRC map read the way the programs that write it mean it.

The fields come from `mrcfile`; what stands here is what its users are left to know: in which order bytes are, where
the origin is, which way bytes are signed, and how an old-style map is distinguished from a file that is no map.
"""

from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io import validation
from napari_hypseg.io.voxel_size import round_to_single_precision
from napari_hypseg.volumes import Index3, Vector3

HEADER_BYTES = 1024
MAP_ID = b"MAP"
DTYPES = {0: "i1", 1: "i2", 2: "f4", 6: "u2", 12: "f2"}
COMPLEX_MODES = (3, 4)
RGB_MODE = 16
PACKED_MODE = 101
MODES = (*DTYPES, *COMPLEX_MODES, RGB_MODE, PACKED_MODE)
BIG_ENDIAN_STAMPS = (b"\x11\x11", b"\x11\x00")
MAX_EDGE = 10**6
MAX_EXTENSION = 2**28
"""Bytes of the longest extended header that is believed."""

IMOD_STAMP = 1146047817
IMOD_SIGNED = 1
IMOD_STANDARD_ORIGIN = 4


def read_header(path: Path, source: Path) -> Any:
    """Header of the plain map `path` as mrcfile's record array; errors name `source`.

    The machine stamp is wrong or absent in many files, and a mode of 0 reads the same in both byte orders. That order
    counts in which the numbers make sense, best if all voxels they promise are there; the stamp decides between equals.

    Raises
    ------
    InputError
        If this is no MRC map.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        sane = _readings(file.read(HEADER_BYTES), source)
    return min(sane, key=lambda header: (int(header.mode) not in MODES, _voxels_end(header) > size))


def expected_bytes(head: bytes, source: Path) -> int:
    """Bytes of a whole map that begins with `head`, at least `HEADER_BYTES` of it; errors name `source`.

    Raises
    ------
    InputError
        If this is no MRC map.
    """
    return max(_voxels_end(header) + min(int(header.nsymbt), MAX_EXTENSION) for header in _readings(head, source))


def data_offset(header: Any, size: int) -> int:
    """Where the voxels begin in a file of `size` bytes.

    An extended header may be promised that some program has left out: voxels that fill the file to its last byte
    without one begin where it should be.
    """
    return HEADER_BYTES if is_extension_missing(header, size) else HEADER_BYTES + int(header.nsymbt)


def is_extension_missing(header: Any, size: int) -> bool:
    """Whether an extended header is promised but a file of `size` bytes holds the voxels alone."""
    return int(header.nsymbt) > 0 and _voxels_end(header) == size


def is_old_style(header: Any) -> bool:
    """Whether the map id of MRC2000 and later is missing."""
    return bytes(header.map)[:3] != MAP_ID


def stored_dtype(header: Any, source: Path) -> np.dtype[Any]:
    """Dtype of the voxels in the file, with its byte order.

    Raises
    ------
    InputError
        If the mode is complex, RGB, packed or unknown.
    """
    mode = int(header.mode)
    if mode in COMPLEX_MODES:
        validation.check_dtype(source, np.dtype(np.complex64))
    if mode == RGB_MODE:
        raise validation.rgb_error(source)
    if mode not in DTYPES:
        kind = "packed 4-bit values" if mode == PACKED_MODE else f"voxels of mode {mode}"
        raise InputError(f"{source} holds {kind}, which cannot be read; convert it to mode 1 or 2 (newstack -mode 2).")
    if mode == 0 and not bytes_are_signed(header):
        return np.dtype(np.uint8)
    return np.dtype(DTYPES[mode]).newbyteorder(header.mode.dtype.byteorder)


def bytes_are_signed(header: Any) -> bool:
    """Whether mode 0 means -128..127, which is the standard, or 0..255, which IMOD wrote for years.

    IMOD's stamp and flag decide; without a stamp a maximum above 127 gives unsigned bytes away.
    """
    stamp, flags = _imod(header)
    if stamp == IMOD_STAMP:
        return bool(flags & IMOD_SIGNED)
    return not (header.dmin >= 0 and header.dmax >= 128)


def axis_order(header: Any) -> tuple[int, int, int]:
    """The axes of the stored (section, row, column) array in the order z, y, x.

    ``MAPS, MAPR, MAPC`` say which of x=1, y=2, z=3 each stored axis is; where they are no permutation they are unset.
    """
    stored = (int(header.maps), int(header.mapr), int(header.mapc))
    if sorted(stored) != [1, 2, 3]:
        return (0, 1, 2)
    return stored.index(3), stored.index(2), stored.index(1)


def voxel_size(header: Any) -> Vector3:
    """Edges of a voxel (z, y, x) in Å, 0 where the header divides by nothing."""
    grid = (("z", header.mz), ("y", header.my), ("x", header.mx))
    z, y, x = (round_to_single_precision(float(header.cella[axis]) / int(n)) if n > 0 else 0.0 for axis, n in grid)
    return z, y, x


def origin(header: Any, size: Vector3) -> Vector3:
    """Centre of voxel 0 (z, y, x) in Å.

    The origin field counts where it is set; IMOD before version 4.7 stored it with its sign turned. Where it is 0, the
    start of the map in its cell (``NXSTART`` and so on, in stored axis order) times the voxel size takes its place.
    """
    z, y, x = (round_to_single_precision(float(header.origin[axis])) for axis in "zyx")
    if not np.isfinite((z, y, x)).all():
        return 0.0, 0.0, 0.0
    if (z, y, x) != (0.0, 0.0, 0.0):
        stamp, flags = _imod(header)
        turned = stamp == IMOD_STAMP and not flags & IMOD_STANDARD_ORIGIN and int(header.nversion) <= 0
        return (-z, -y, -x) if turned else (z, y, x)
    starts = [int(header.nzstart), int(header.nystart), int(header.nxstart)]  # of section, row, column
    z, y, x = (starts[axis] * edge for axis, edge in zip(axis_order(header), size, strict=True))
    return z, y, x


def stored_shape(header: Any) -> Index3:
    """Sections, rows, columns."""
    return int(header.nz), int(header.ny), int(header.nx)


def volumes_in_stack(header: Any) -> int:
    """How many volumes the file holds (space groups 401 to 630 mark a stack of volumes of ``MZ`` sections each)."""
    is_stack = 401 <= int(header.ispg) <= 630 and int(header.mz) > 0
    return max(1, int(header.nz) // int(header.mz)) if is_stack else 1


def _imod(header: Any) -> tuple[int, int]:
    """IMOD's stamp and flags, bytes 152 to 159 of the header."""
    raw = header.tobytes()[152:160]
    stamp, flags = np.frombuffer(raw, np.dtype("i4").newbyteorder(header.mode.dtype.byteorder))
    return int(stamp), int(flags)


def _readings(head: bytes, source: Path) -> list[Any]:
    """The header in every byte order in which it makes sense, that of its stamp first."""
    from mrcfile.dtypes import HEADER_DTYPE

    raw = head[:HEADER_BYTES]
    if len(raw) < HEADER_BYTES:
        if raw[208:211] == MAP_ID:
            validation.check_length(source, len(raw), HEADER_BYTES)
        raise _not_mrc(source)
    orders = "><" if raw[212:214] in BIG_ENDIAN_STAMPS else "<>"
    read = [np.frombuffer(raw, HEADER_DTYPE.newbyteorder(order)).reshape(()).view(np.recarray) for order in orders]
    sane = [header for header in read if _is_sane(header)]
    if not sane:
        raise _not_mrc(source)
    return sane


def _voxels_end(header: Any) -> int:
    """Bytes of a file that holds header and voxels alone, as far as the mode is known."""
    depth, height, width = stored_shape(header)
    bytes_each = np.dtype(DTYPES.get(int(header.mode), "u1")).itemsize
    return HEADER_BYTES + depth * height * width * bytes_each


def _is_sane(header: Any) -> bool:
    """Old-style maps have no map id; they are recognised by plausible header values alone."""
    edges_fit = all(0 < edge <= MAX_EDGE for edge in stored_shape(header))
    if not is_old_style(header):
        return edges_fit and int(header.nsymbt) >= 0
    return edges_fit and int(header.mode) in MODES and 0 <= int(header.nsymbt) <= MAX_EXTENSION


def _not_mrc(source: Path) -> InputError:
    return InputError(f"{source} is not an MRC map; check that it is the file you mean and that it was copied whole.")
