"""A zarr array none of whose chunks is there: it reads as one value everywhere, which is hardly what was meant."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from napari_hypseg.storage.zarr_metadata import MARKS

NOT_CHUNKS = frozenset({*MARKS, ".zattrs", ".zmetadata"})


def missing_chunks(source: Path, folder: Path, array: Any) -> tuple[str, ...]:
    """A note if not one chunk lies where the metadata of `array`, stored in `folder`, say; empty else.

    Chunks may be left out where all voxels have the fill value; where all are, they are rather named otherwise (with
    another separator between their numbers) or were not copied.
    """
    files = 0
    for name in _files(folder):
        if _is_chunk(name, array):
            return ()
        files += 1
    reason = (
        "files lie in it under other names: check 'dimension_separator'"
        if files
        else "copy the whole folder if that is wrong"
    )
    value = float(array.fill_value or 0)
    return (f"No chunk of {source.name} is where its metadata say, so every voxel is {value:g}; {reason}.",)


def _files(folder: Path) -> Iterator[str]:
    """Files below `folder` that may be chunks, relative to it, in no order."""
    for current, _, names in os.walk(folder):
        for name in names:
            if name not in NOT_CHUNKS:
                yield (Path(current) / name).relative_to(folder).as_posix()


def _is_chunk(name: str, array: Any) -> bool:
    """Whether `name` is what a chunk of `array` is called."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,18}", name)]
    place = tuple(numbers[-array.ndim :])
    return len(place) == array.ndim and str(array.metadata.encode_chunk_key(place)) == name
