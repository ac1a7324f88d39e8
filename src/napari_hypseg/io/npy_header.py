"""The header of NumPy's own format, read without believing the lengths it states."""

import io
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

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
