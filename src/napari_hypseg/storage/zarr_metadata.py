"""The metadata of one zarr node, parsed and checked before the zarr library sees any of it.

What is checked: that voxels are numbers, that every codec is on the list of `zarr_codecs`, and that a chunk is not
absurdly larger than the array it belongs to.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.storage import zarr_codecs
from napari_hypseg.storage.json_text import read_json
from napari_hypseg.storage.zarr_codecs import SHARDING, Codec, UnsafeCodecError, check_codecs, is_number

MARKS = ("zarr.json", ".zgroup", ".zarray")
"""The file that makes a folder a zarr node: format 3, and groups and arrays of format 2."""
MAX_CHUNK = 2**31
"""Bytes of the largest chunk that is read."""
SMALL_CHUNK = 2**28
"""Bytes up to which a chunk may be larger than its array."""
MAX_SHARD_INDEX = 2**26
"""Bytes of the largest index of a shard."""
INDEX_ENTRY = 16
INDEX_CODECS = frozenset({"bytes", "endian", "crc32c"})
DTYPES_3 = frozenset(
    {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
    | {"float16", "float32", "float64", "complex64", "complex128"}
)


@dataclass(frozen=True)
class ZarrMetadata:
    """What a zarr node says of itself.

    Parameters
    ----------
    zarr_format
        2 or 3.
    is_array
        Whether it is an array and not a group.
    attributes
        Attributes of the person's programs.
    record
        All the rest, as it stands in the file.
    """

    zarr_format: int
    is_array: bool
    attributes: Mapping[str, Any]
    record: Mapping[str, Any]


@dataclass(frozen=True)
class ChunkLayout:
    """How the voxels of an array are stored.

    Parameters
    ----------
    stored_bytes
        Bytes of what one file holds when it is unpacked: a chunk, or a shard of many.
    chunk_bytes
        Bytes of what is unpacked at once.
    codecs
        From a chunk to its bytes, in the order of encoding.
    shard_chunks
        Chunks (along each axis) in a shard, None where files are chunks.
    index_codecs
        Of a shard's index.
    index_at_start
        Whether the index goes before the chunks of a shard.
    """

    stored_bytes: int
    chunk_bytes: int
    codecs: tuple[Codec, ...]
    shard_chunks: tuple[int, ...] | None = None
    index_codecs: tuple[Codec, ...] = ()
    index_at_start: bool = False

    @property
    def index_bytes(self) -> int:
        """Bytes of a shard's index."""
        sums = zarr_codecs.CHECKSUM_BYTES * sum(codec.name in zarr_codecs.CHECKSUMS for codec in self.index_codecs)
        return INDEX_ENTRY * math.prod(self.shard_chunks or (0,)) + sums


def read_metadata(folder: Path) -> ZarrMetadata | None:
    """Metadata of a node, None if `folder` is none.

    Raises
    ------
    JsonError
        If a file is damaged.
    ValueError
        If it holds something else than metadata.
    OSError
        If a file may not be read.
    """
    mark = next((mark for mark in MARKS if (folder / mark).is_file()), None)
    if mark is None:
        return None
    record = _mapping(read_json(folder / mark))
    if mark == "zarr.json":
        return ZarrMetadata(3, record.get("node_type") == "array", _mapping(record.get("attributes") or {}), record)
    if (folder / ".zarray").is_file():
        record = _mapping(read_json(folder / ".zarray"))
    attributes = _mapping(read_json(folder / ".zattrs")) if (folder / ".zattrs").is_file() else {}
    return ZarrMetadata(2, (folder / ".zarray").is_file(), attributes, record)


def chunk_layout(folder: Path, metadata: ZarrMetadata) -> ChunkLayout:
    """Check the metadata of an array and say how its voxels are stored.

    Raises
    ------
    InputError
        If its voxels are no numbers, a codec is not allowed, or a chunk is too large.
    """
    record, zarr_format = metadata.record, metadata.zarr_format
    dtype = record.get("dtype" if zarr_format == 2 else "data_type")
    if not (is_number(dtype) if zarr_format == 2 else isinstance(dtype, str) and dtype in DTYPES_3):
        raise InputError(f"{folder} holds no plain numbers (its data type is {_short(dtype)}); save it as numbers.")
    try:
        layout = _layout(record, zarr_format, _itemsize(dtype))
    except UnsafeCodecError as error:
        raise InputError(
            f"{folder} is stored with a codec that is not read, for safety ({error}); save it again with blosc, zstd "
            "or gzip."
        ) from error
    _check_sizes(folder, layout, _edges(record["shape"], lowest=0), _itemsize(dtype))
    return layout


def _layout(record: Mapping[str, Any], zarr_format: int, itemsize: int) -> ChunkLayout:
    if zarr_format == 2:
        given = [*(record.get("filters") or ()), *([record["compressor"]] if record.get("compressor") else ())]
        return _plain(_edges(record["chunks"]), itemsize, [Codec.of(one, 2) for one in given])
    if record.get("storage_transformers"):
        raise UnsafeCodecError("storage transformers are not allowed")
    grid = record["chunk_grid"]
    if grid["name"] != "regular":
        raise UnsafeCodecError("chunks of several sizes are not allowed")
    edges = _edges(grid["configuration"]["chunk_shape"])
    codecs = [Codec.of(one, 3) for one in record["codecs"]]
    if len(codecs) == 1 and codecs[0].name == SHARDING:
        return _sharded(edges, itemsize, codecs[0].settings)
    return _plain(edges, itemsize, codecs)


def _plain(edges: tuple[int, ...], itemsize: int, codecs: Sequence[Codec]) -> ChunkLayout:
    check_codecs(codecs)
    size = math.prod(edges) * itemsize
    return ChunkLayout(size, size, tuple(codecs))


def _sharded(shard: tuple[int, ...], itemsize: int, settings: Mapping[str, Any]) -> ChunkLayout:
    edges = _edges(settings["chunk_shape"])
    if len(edges) != len(shard) or any(whole % part for whole, part in zip(shard, edges, strict=True)):
        raise UnsafeCodecError("the chunks of a shard do not fill it")
    inner = _plain(edges, itemsize, [Codec.of(one, 3) for one in settings["codecs"]])
    index_codecs = tuple(Codec.of(one, 3) for one in settings.get("index_codecs") or ())
    if not {codec.name for codec in index_codecs} <= INDEX_CODECS:
        raise UnsafeCodecError("the index of a shard is packed")
    counts = tuple(whole // part for whole, part in zip(shard, edges, strict=True))
    at_start = settings.get("index_location", "end") == "start"
    size = math.prod(shard) * itemsize
    return ChunkLayout(size, inner.chunk_bytes, inner.codecs, counts, index_codecs, at_start)


def _check_sizes(folder: Path, layout: ChunkLayout, shape: tuple[int, ...], itemsize: int) -> None:
    whole = math.prod(shape) * itemsize
    if layout.chunk_bytes > MAX_CHUNK or layout.chunk_bytes > max(SMALL_CHUNK, 2 * whole):
        raise InputError(
            f"{folder} is stored in chunks of {layout.chunk_bytes / 2**30:.1f} GB, too large to be read in pieces; "
            "save it again with smaller chunks."
        )
    if layout.index_bytes > MAX_SHARD_INDEX:
        raise InputError(f"{folder} is stored in shards of too many chunks; save it again with larger chunks.")


def _edges(values: Any, lowest: int = 1) -> tuple[int, ...]:
    edges = tuple(values) if isinstance(values, list) else ()
    if not isinstance(values, list) or not all(type(edge) is int and edge >= lowest for edge in edges):
        raise ValueError(f"a grid is {_short(values)}")
    return edges


def _itemsize(dtype: Any) -> int:
    return int(np.dtype(dtype).itemsize)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("its metadata are no JSON object")
    return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
