"""The leaf ids that all regions layers of a project share, as napari meets them: they can be read and not converted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from napari.layers._multiscale_data import MultiScaleData
from napari.utils.notifications import show_info

from napari_hypseg._napari.lazy_level import LazyLevel
from napari_hypseg.array_base import ArrayBase
from napari_hypseg.volumes.volume import LazyArray

NOT_CONVERTED = (
    "Regions keep their data type: they are made of leaves that all levels share. "
    "Duplicate the layer (right click › Duplicate) to convert a copy."
)


@dataclass(frozen=True, eq=False)
class SharedLeaves(ArrayBase):
    """Leaf ids (z, y, x) that are read where they are stored.

    Parameters
    ----------
    leaves
        Where they are stored.
    """

    leaves: LazyArray

    @classmethod
    def of(cls, leaves: Any) -> Any:
        """`leaves` themselves if they are in memory."""
        return leaves if isinstance(leaves, np.ndarray | cls) else cls(leaves)

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid."""
        return tuple(self.leaves.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of a leaf id."""
        dtype: np.dtype[Any] = np.dtype(self.leaves.dtype)
        return dtype

    def __getitem__(self, index: Any, /) -> Any:
        return self.leaves[index]

    def astype(self, dtype: npt.DTypeLike) -> Any:
        """Say why they stay as they are; asked for by napari's right click › Convert data type."""
        show_info(NOT_CONVERTED)
        return self


class SharedLevels(MultiScaleData):  # type: ignore[misc]  # napari loads its layers lazily
    """Levels that are no more converted than a single one."""

    def astype(self, dtype: npt.DTypeLike) -> "SharedLevels":
        """Say why they stay as they are."""
        show_info(NOT_CONVERTED)
        return self


def napari_data(leaves: Any) -> Any:
    """Leaf ids as a layer takes them: an array, or of several resolutions, which are given as a tuple, a list."""
    if isinstance(leaves, SharedLevels):
        return list(leaves)
    if not isinstance(leaves, tuple):
        return SharedLeaves.of(leaves)
    return SharedLeaves.of(leaves[0]) if len(leaves) == 1 else [LazyLevel(level) for level in leaves]
