"""The codecs that zarr arrays may use, and how many bytes a chunk unpacks to before anything is unpacked.

A codec is code that a file asks for by name. Some of those that the libraries know load pickles, which is to run
whatever the file's author likes; others build Python objects. Here stand those that only move numbers.
"""

import gzip
import io
import lzma
import zlib
from bz2 import BZ2File
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, Any, TypeAlias

import numpy as np

Bound: TypeAlias = Callable[[bytes, int], int]
"""Upper bound of the bytes that packed bytes unpack to; counting may stop above the second argument."""

SHARDING = "sharding_indexed"
REORDERING = frozenset({"bytes", "endian", "transpose", "shuffle", "bitround", "quantize"})
"""Codecs whose result is as large as what they are given."""
WIDENING = frozenset({"delta", "fixedscaleoffset", "astype", "packbits"})
"""Codecs that change the size of a number, at most eight times."""
CHECKSUMS: Mapping[str, str] = MappingProxyType(
    {"crc32c": "end", "fletcher32": "end", "crc32": "start", "adler32": "start"}
)
"""Codecs that add four bytes, and at which end."""
CHECKSUM_BYTES = 4
DTYPE_FIELDS = ("dtype", "astype", "encode_dtype", "decode_dtype")
REAL_KINDS = "biufc"
"""Kinds of NumPy's numbers; of complex ones the readers say that they are not for segmenting."""

DEFLATE_RATIO = 1032
ZSTD_MAGIC = 0xFD2FB528
ZSTD_BLOCK = 2**17
LZMA_MEMORY = 2**28
PIECE = 2**20


class UnsafeCodecError(ValueError):
    """A codec, or a chain of them, is not among those that are allowed."""


@dataclass(frozen=True)
class Codec:
    """One codec by its plain name (without ``numcodecs.``) and its settings."""

    name: str
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, record: Any, zarr_format: int) -> "Codec":
        """From the metadata of zarr format 2 (``id`` beside the settings) or 3 (``name`` and ``configuration``).

        Raises
        ------
        UnsafeCodecError
            If it has no name.
        """
        if zarr_format == 3 and isinstance(record, str):
            record = {"name": record}
        if not isinstance(record, dict):
            raise UnsafeCodecError("a codec has no name")
        name, settings = record.get("id"), record
        if zarr_format == 3:
            name, settings = record.get("name"), record.get("configuration") or {}
        if not isinstance(name, str) or not isinstance(settings, dict):
            raise UnsafeCodecError("a codec has no name")
        return cls(name.removeprefix("numcodecs."), settings)


def check_codecs(codecs: Sequence[Codec]) -> None:
    """Make sure that every codec of a chain, in the order of encoding, is allowed.

    Raises
    ------
    UnsafeCodecError
        Naming the first that is not.
    """
    packed = False
    for codec in codecs:
        if codec.name in COMPRESSORS and not packed:
            packed = True
        elif codec.name not in CHECKSUMS and (packed or codec.name not in REORDERING | WIDENING):
            raise UnsafeCodecError(f"the codec {codec.name[:40]!r} is not allowed{' there' if packed else ''}")
        for field in DTYPE_FIELDS:
            if field in codec.settings and not is_number(codec.settings[field]):
                raise UnsafeCodecError(f"the codec {codec.name!r} makes something else than numbers")
        if codec.name == "lzma" and codec.settings.get("format", 1) not in (0, 1, 2):
            raise UnsafeCodecError("raw lzma is not allowed")


def is_number(dtype: Any) -> bool:
    """Whether `dtype`, as metadata spell it, is a plain number."""
    if not isinstance(dtype, str):
        return False
    try:
        return np.dtype(dtype).kind in REAL_KINDS
    except TypeError:
        return False


def widens(codecs: Sequence[Codec]) -> bool:
    """Whether what lies between the codecs may be larger than the chunk."""
    return any(codec.name in WIDENING for codec in codecs)


def unpacked_bound(raw: bytes, codecs: Sequence[Codec], limit: int) -> int:
    """Upper bound of the bytes that a stored chunk unpacks to, counted no further than just above `limit`.

    Parameters
    ----------
    raw
        The chunk as it is stored.
    codecs
        Its codecs in the order of encoding, allowed by `check_codecs`.
    limit
        Bytes that matter.
    """
    for codec in reversed(codecs):
        if codec.name in CHECKSUMS:
            at_start = codec.settings.get("location", CHECKSUMS[codec.name]) == "start"
            raw = raw[CHECKSUM_BYTES:] if at_start else raw[:-CHECKSUM_BYTES]
        elif codec.name in COMPRESSORS:
            return COMPRESSORS[codec.name](raw, limit)
        else:
            break
    return len(raw)


def _blosc(raw: bytes, limit: int) -> int:
    return int.from_bytes(raw[4:8], "little")


def _lz4(raw: bytes, limit: int) -> int:
    return int.from_bytes(raw[:4], "little")


def _zstd(raw: bytes, limit: int) -> int:
    """The size that the frame states, or what its blocks can hold at most (RFC 8878, section 3.1)."""
    total, at = 0, 0
    while at + 5 <= len(raw):
        if int.from_bytes(raw[at : at + 4], "little") != ZSTD_MAGIC:
            break
        flags = raw[at + 4]
        single, size_flag = bool(flags & 0x20), flags >> 6
        at += 5 + (not single) + (0, 1, 2, 4)[flags & 3]
        size_bytes = (int(single), 2, 4, 8)[size_flag]
        if size_bytes:
            stated = int.from_bytes(raw[at : at + size_bytes], "little") + (256 if size_bytes == 2 else 0)
            return total + stated
        last = False
        while not last and at + 3 <= len(raw):
            block = int.from_bytes(raw[at : at + 3], "little")
            last, kind, length = bool(block & 1), block >> 1 & 3, block >> 3
            total += length if kind in (0, 1) else ZSTD_BLOCK
            at += 3 + (1 if kind == 1 else length)
        at += 4 if flags & 4 else 0
    return total


def _zlib(raw: bytes, limit: int) -> int:
    if len(raw) * DEFLATE_RATIO <= limit:
        return len(raw) * DEFLATE_RATIO
    unpacker, total = zlib.decompressobj(), 0
    while raw and not unpacker.eof and total <= limit:
        total += len(unpacker.decompress(raw, PIECE))
        raw = unpacker.unconsumed_tail
    return total


def _gzip(raw: bytes, limit: int) -> int:
    if len(raw) * DEFLATE_RATIO <= limit:
        return len(raw) * DEFLATE_RATIO
    return _counted(gzip.GzipFile(fileobj=io.BytesIO(raw)), limit)


def _bz2(raw: bytes, limit: int) -> int:
    return _counted(BZ2File(io.BytesIO(raw)), limit)


def _lzma(raw: bytes, limit: int) -> int:
    lzma.LZMADecompressor(memlimit=LZMA_MEMORY).decompress(raw, 1)
    return _counted(lzma.LZMAFile(io.BytesIO(raw)), limit)


def _counted(file: IO[bytes] | gzip.GzipFile | BZ2File | lzma.LZMAFile, limit: int) -> int:
    total = 0
    with file:
        while total <= limit and (piece := file.read(PIECE)):
            total += len(piece)
    return total


COMPRESSORS: Mapping[str, Bound] = MappingProxyType(
    {"blosc": _blosc, "zstd": _zstd, "lz4": _lz4, "zlib": _zlib, "gzip": _gzip, "bz2": _bz2, "lzma": _lzma}
)
