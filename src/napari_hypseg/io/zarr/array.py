"""One channel of a zarr array as a lazy (z, y, x) array."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.array_base import ArrayBase
from napari_hypseg.storage.reading import reading


@dataclass(frozen=True, eq=False)
class ZarrChannel(ArrayBase):
    """The last three axes of a zarr array at a fixed index of the axes before them.

    Parameters
    ----------
    array
        The zarr array.
    lead
        Index into the axes before z.
    source
        Folder to name in errors.
    """

    array: Any
    lead: tuple[int, ...]
    source: Path

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x) in voxels."""
        return tuple(map(int, self.array.shape[-3:]))

    @property
    def chunks(self) -> tuple[int, ...]:
        """Edges (z, y, x) of the pieces that are read at once."""
        return tuple(map(int, self.array.chunks[-3:]))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of what is read: native byte order, bool as uint8."""
        stored = np.dtype(self.array.dtype)
        return np.dtype(np.uint8) if stored.kind == "b" else stored.newbyteorder("=")

    def __getitem__(self, index: Any, /) -> Any:
        """``array[index]`` in memory.

        Raises
        ------
        InputError
            If a chunk is damaged.
        """
        parts = index if isinstance(index, tuple) else (index,)
        np.broadcast_to(np.uint8(0), self.shape)[index]  # an index that does not fit is no fault of the file
        with reading(self.source, "zarr array", "copy the folder again"):
            return np.asarray(self.array[(*self.lead, *parts)], dtype=self.dtype)
