"""Zarr arrays that raise when a part of them is damaged or missing, instead of giving zeros.

Every chunk has a CRC-32C. Missing chunks and changed metadata of the array are found by a description that is stored
in a record with a checksum beside the array.
"""

import base64
import itertools
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.errors import ProjectError
from napari_hypseg.storage.checksum import file_sha256
from napari_hypseg.storage.json_text import read_json
from napari_hypseg.storage.reading import reading
from napari_hypseg.storage.zarr_access import open_array

if TYPE_CHECKING:
    import zarr

METADATA = "zarr.json"


class CheckedArray(ArrayBase):
    """A stored array, read only.

    Parameters
    ----------
    path
        Its folder.
    description
        As `describe` gave it when the array was complete; None for an array of an earlier version, which is read as
        it is.
    advice
        What to do if it is damaged: the end of a sentence.
    hold
        An object kept referenced as long as the array.

    Raises
    ------
    ProjectError
        If its metadata are damaged or missing; later, if a chunk that is read is.
    """

    def __init__(self, path: Path, description: Mapping[str, Any] | None, advice: str, hold: object = None) -> None:
        self.path, self._advice, self._hold = path, advice, hold
        if not (path / METADATA).is_file():
            raise ProjectError(f"{path} is damaged: its {METADATA} is missing; {advice}.")
        with self._reading():
            self._array = _open(path, description)

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid."""
        return tuple(map(int, self._array.shape))

    @property
    def chunks(self) -> tuple[int, ...]:
        """Edges of the pieces that are read at once."""
        return tuple(map(int, self._array.chunks))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of a value."""
        return np.dtype(self._array.dtype)

    def __repr__(self) -> str:
        return f"CheckedArray({str(self.path)!r})"

    def __getitem__(self, index: Any, /) -> Any:
        """``array[index]`` in memory.

        Raises
        ------
        ProjectError
            If a chunk is damaged or missing.
        """
        with self._reading():
            try:
                return np.asarray(self._array[index])
            except FileNotFoundError as error:
                raise ProjectError(f"{error.filename or self.path} is missing; {self._advice}.") from error

    def _reading(self) -> AbstractContextManager[None]:
        return reading(self.path, "a stored array", self._advice, ProjectError)


def create_array(path: Path, shape: Sequence[int], chunks: Sequence[int], dtype: str, fill: float) -> "zarr.Array[Any]":
    """An array on disk in which every chunk that is written carries its checksum, also one of `fill` alone."""
    import zarr
    from zarr.codecs import Crc32cCodec, ZstdCodec

    return zarr.create_array(
        path,
        shape=tuple(shape),
        chunks=tuple(max(1, min(edge, n)) for edge, n in zip(chunks, shape, strict=True)),
        dtype=dtype,
        fill_value=fill,
        compressors=[ZstdCodec(level=0), Crc32cCodec()],
        config={"write_empty_chunks": True},
    )


def describe(path: Path) -> dict[str, Any]:
    """What a complete array consists of: the digest of its metadata, and which of its chunks are on disk.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    there = np.array([(path / key).is_file() for key in _keys(read_json(path / METADATA))], dtype=bool)
    bits = zlib.compress(np.packbits(there).tobytes())
    return {METADATA: file_sha256(path / METADATA), "chunks": base64.b64encode(bits).decode()}


def _open(path: Path, description: Mapping[str, Any] | None) -> "zarr.Array[Any]":
    array = open_array(path)  # first, so that a codec that is not allowed is reported whatever else is wrong
    if description is None:
        return array
    if file_sha256(path / METADATA) != description[METADATA]:
        raise ValueError(f"{METADATA} is not what was written")
    keys = _keys(read_json(path / METADATA))
    bits = np.frombuffer(zlib.decompress(base64.b64decode(description["chunks"])), dtype=np.uint8)
    there = np.unpackbits(bits, count=len(keys)).astype(bool)
    return open_array(path, required=frozenset(itertools.compress(keys, there)))


def _keys(metadata: Mapping[str, Any]) -> list[str]:
    """The keys of all chunks of a regular grid."""
    edges = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    counts = [-(-n // edge) for n, edge in zip(metadata["shape"], edges, strict=True)]
    return ["/".join(["c", *map(str, place)]) for place in itertools.product(*map(range, counts))]
