"""What a segmentation computes on its way, kept until it is finished, so that a killed one goes on where it was."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_hypseg.errors import HypsegError
from napari_hypseg.storage.atomic import make_folders
from napari_hypseg.storage.checked_array import create_array
from napari_hypseg.storage.checksum import checksummed_json, read_checksummed
from napari_hypseg.storage.file_removal import remove_matching
from napari_hypseg.storage.zarr_access import open_writable
from napari_hypseg.supervoxels.workspace import CHUNK
from napari_hypseg.volumes.box import Index3

if TYPE_CHECKING:
    import zarr

Kind: TypeAlias = tuple[str, Sequence[Index3]]
"""Dtype of some volumes, and the grid (z, y, x) of each."""

NAME = "unfinished"
"""Folder beside the segmentations; it belongs to whoever writes to the project."""
KEY = "key.json"
FILES = re.compile(r"key\.json|[\w-]+\.log|\d-\w+-\d+\.zarr/(zarr\.json|c(/\d+)*)(\.[0-9a-f]+\.partial)?")


@contextmanager
def unfinished(
    parent: Path, key: Mapping[str, Any], *kinds: Kind
) -> Iterator[tuple[Path, list[list["zarr.Array[Any]"]]]]:
    """A folder, and volumes of each kind in it, as an earlier run with the same `key` left them.

    It is removed in the end, but stays if there was an error. A folder with another key is removed first.

    Parameters
    ----------
    parent
        Folder it lies in; made if it is missing.
    key
        What the content depends on, as JSON.
    kinds
        Of the volumes, which are 0 at first.

    Raises
    ------
    OSError
        If the disk is full or fails.
    """
    folder = parent / NAME
    make_folders(parent)
    arrays = _reopened(folder, key, kinds)
    if arrays is None:
        discard(parent)
        folder.mkdir(exist_ok=True)
        for path, shape, dtype in _volumes(folder, kinds):
            create_array(path, shape, (CHUNK,) * 3, dtype, 0)
        (folder / KEY).write_bytes(checksummed_json(key))
        arrays = [open_writable(path) for path, *_ in _volumes(folder, kinds)]
    each = iter(arrays)
    yield folder, [list(islice(each, len(shapes))) for _, shapes in kinds]
    discard(parent)


def discard(parent: Path) -> None:
    """Remove the folder, and nothing that was not written by this module."""
    remove_matching(parent / NAME, lambda name: FILES.fullmatch(name) is not None)


def _volumes(folder: Path, kinds: Sequence[Kind]) -> Iterator[tuple[Path, Index3, str]]:
    for number, (dtype, shapes) in enumerate(kinds):
        for index, shape in enumerate(shapes):
            yield folder / f"{number}-{dtype}-{index}.zarr", shape, dtype


def _reopened(folder: Path, key: Mapping[str, Any], kinds: Sequence[Kind]) -> "list[zarr.Array[Any]] | None":
    """The volumes of an earlier run, None if there is none with this key."""
    if folder.is_symlink() or not (folder / KEY).is_file():
        return None
    try:
        record = read_checksummed(folder / KEY, required=True)
        if any(record.get(name) != value for name, value in key.items()):
            return None
        expected = list(_volumes(folder, kinds))
        arrays = [open_writable(path) for path, *_ in expected]
    except (HypsegError, ValueError, OSError):
        return None
    found = [(tuple(array.shape), np.dtype(array.dtype)) for array in arrays]
    return arrays if found == [(tuple(shape), np.dtype(dtype)) for _, shape, dtype in expected] else None
