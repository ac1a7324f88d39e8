"""Zarr folders opened to be read, by this module alone: nothing a file names runs before it has been checked.

Groups are read as the JSON that they are. An array goes to the zarr library once its data type and codecs are known to
be harmless; each chunk's size is looked at before it is unpacked. Consolidated metadata are left aside: they may be
older than the arrays, and each array is checked by its own.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.errors import InputError
from napari_hypseg.storage.zarr_metadata import MARKS, ZarrMetadata, chunk_layout, read_metadata

if TYPE_CHECKING:
    import zarr


@dataclass(frozen=True)
class ZarrFolder:
    """A group or an array of zarr format 2 or 3 on disk.

    Parameters
    ----------
    path
        Its folder.
    metadata
        What it says of itself.
    """

    path: Path
    metadata: ZarrMetadata

    @classmethod
    def open(cls, path: Path) -> "ZarrFolder":
        """Read the metadata of the node at `path`.

        Raises
        ------
        InputError
            If there is none.
        """
        metadata = read_metadata(path)
        if metadata is None:
            raise InputError(
                f"{path} is no zarr folder (none of {', '.join(MARKS)} is in it); open the .zarr folder itself."
            )
        return cls(path, metadata)

    @property
    def is_array(self) -> bool:
        """Whether this is an array."""
        return self.metadata.is_array

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Attributes as they stand in the file."""
        return self.metadata.attributes

    def __contains__(self, name: str) -> bool:
        return any((self.path / name / mark).is_file() for mark in MARKS)

    def __getitem__(self, name: str) -> "ZarrFolder":
        """The node at the path `name` below this one.

        Raises
        ------
        InputError
            If there is none, or the path leads out of this folder.
        """
        parts = name.split("/")
        if ".." in parts or Path(name).is_absolute():
            raise InputError(f"{self.path} refers to {name!r}, which lies outside it; open the folder that holds it.")
        if name not in self:
            raise InputError(f"{self.path} refers to {name!r}, which is not in it; copy the whole folder again.")
        return ZarrFolder.open(self.path.joinpath(*parts))

    def array(self, required: frozenset[str] = frozenset()) -> "zarr.Array[Any]":
        """This array, to be read; reading fails where one of the chunks `required` is missing.

        Raises
        ------
        InputError
            If its voxels are no numbers, a codec is not allowed, or it is a group.
        """
        if not self.is_array:
            raise InputError(f"{self.path} is a group of zarr arrays and not one of them; open one of its folders.")
        return _opened(self.path, self.metadata, required)


def open_array(path: Path, required: frozenset[str] = frozenset()) -> "zarr.Array[Any]":
    """The zarr array at `path`, to be read; the chunks `required` are known to have been written.

    Raises
    ------
    InputError
        If there is none, its voxels are no numbers, or a codec is not allowed.
    """
    return ZarrFolder.open(path).array(required)


def open_writable(path: Path) -> "zarr.Array[Any]":
    """The zarr array at `path`, to be written to as well; chunks are written whatever they hold.

    Raises
    ------
    InputError
        If there is none, its voxels are no numbers, or a codec is not allowed.
    """
    import zarr

    open_array(path)  # it is checked first
    array: zarr.Array[Any] = zarr.open_array(path, mode="r+", config={"write_empty_chunks": True})
    return array


def _opened(path: Path, metadata: ZarrMetadata, required: frozenset[str]) -> "zarr.Array[Any]":
    import zarr

    from napari_hypseg.storage.zarr_chunks import CheckedStore

    store = CheckedStore(path, chunk_layout(path, metadata), required)
    zarr_format: Any = metadata.zarr_format
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of codecs that other programs may not know, which this one does
        array: zarr.Array[Any] = zarr.open_array(store, mode="r", zarr_format=zarr_format)
    return array
