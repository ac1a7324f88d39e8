"""A zarr store on disk that validates each chunk before it is decompressed.

A chunk of a few megabytes may unpack to gigabytes whatever size its array declares. What a chunk unpacks to can be
read from its first bytes, or found by decompressing it piece by piece.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from zarr.abc.buffer import Buffer, BufferPrototype
from zarr.abc.store import ByteRequest, RangeByteRequest
from zarr.storage import LocalStore

from napari_hypseg.errors import InputError
from napari_hypseg.storage.zarr_codecs import unpacked_bound, widens
from napari_hypseg.storage.zarr_metadata import MARKS, ChunkLayout

MARGIN = 2**24
"""Bytes by which a chunk may exceed what its array declares."""
NOT_CHUNKS = frozenset({*MARKS, ".zattrs", ".zmetadata"})
NO_CHUNK = 2**64 - 1
"""Offset in a shard's index of a chunk that is not there."""


class CheckedStore(LocalStore):
    """The folder of one array, read-only.

    Parameters
    ----------
    root
        The folder.
    layout
        How its chunks are stored.
    required
        Keys of chunks that were written; zarr itself would read zeros where one of them is missing.
    """

    def __init__(
        self, root: Path, layout: ChunkLayout, required: frozenset[str] = frozenset(), *, read_only: bool = True
    ) -> None:
        super().__init__(root, read_only=True)
        self._layout, self._required = layout, required

    def with_read_only(self, read_only: bool = False) -> "CheckedStore":
        """The same store; this one is never written to."""
        return type(self)(self.root, self._layout, self._required)

    async def get(
        self, key: str, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Bytes under `key`, checked if they belong to a chunk."""
        self._check_length(key, byte_range)
        found = await super().get(key, prototype, byte_range)
        self._check_content(key, found, byte_range)
        return found

    def get_sync(self, key: str, **options: Any) -> Buffer | None:
        """`get` for newer zarr libraries, which read without waiting."""
        self._check_length(key, options.get("byte_range"))
        found: Buffer | None = super().get_sync(key, **options)
        self._check_content(key, found, options.get("byte_range"))
        return found

    def _check_length(self, key: str, byte_range: ByteRequest | None) -> None:
        """Refuse to read a file, or a part of one, that is much longer than what it holds can be."""
        if key in NOT_CHUNKS:
            return
        if isinstance(byte_range, RangeByteRequest):
            length, allowed = byte_range.end - byte_range.start, self._limit
        else:
            path = self.root / key
            length = path.stat().st_size if path.is_file() else 0
            allowed = self._packed(self._layout.stored_bytes) + self._layout.index_bytes
        if length > max(allowed, self._layout.index_bytes):
            raise self._too_large(key)

    def _check_content(self, key: str, found: Buffer | None, byte_range: ByteRequest | None) -> None:
        if found is None and key in self._required:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.root / key))
        if found is None or key in NOT_CHUNKS or len(found) == 0:
            return
        raw = found.to_bytes()
        for chunk in self._chunks(raw, byte_range):
            if unpacked_bound(chunk, self._layout.codecs, self._limit) > self._limit:
                raise self._too_large(key)

    def _chunks(self, raw: bytes, byte_range: ByteRequest | None) -> Iterator[bytes]:
        """The packed chunks in what was read; none if that is the index of a shard."""
        layout = self._layout
        if layout.shard_chunks is None:
            yield raw
        elif isinstance(byte_range, RangeByteRequest):
            if not (layout.index_at_start and byte_range.start == 0):
                yield raw
        elif byte_range is None:
            yield from self._inside(raw)

    def _inside(self, shard: bytes) -> Iterator[bytes]:
        """The chunks of a whole shard, by its index."""
        size = self._layout.index_bytes
        index = shard[:size] if self._layout.index_at_start else shard[-size:]
        entries = np.frombuffer(index[: size // 16 * 16], "<u8").reshape(-1, 2)
        for start, length in entries[entries[:, 0] != NO_CHUNK].tolist():
            yield shard[start : start + length]

    @property
    def _limit(self) -> int:
        return self._packed(self._layout.chunk_bytes)

    def _packed(self, size: int) -> int:
        """The most that `size` bytes of voxels may be between their codecs: filters widen them, packing fails."""
        return size * (8 if widens(self._layout.codecs) else 1) * 9 // 8 + MARGIN

    def _too_large(self, key: str) -> InputError:
        return InputError(
            f"The chunk {key} of {self.root} unpacks to far more than its array declares, as no program writes it; get "
            "the folder again from where it comes from."
        )
