"""Images of boxes: means over a slab across the direction that is best resolved."""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.volumes import LazyArray


class BoxProjections:
    """A lazy array (n, y, x) of the projections of boxes (n, z, y, x), read as they are asked for.

    Parameters
    ----------
    boxes
        Lazy array (n, z, y, x), as `ParticleBoxes`.
    axis
        Axis of a box that is projected along: 0, along which a missing wedge leaves least to be told.
    slab
        Sections in the middle that are averaged; None averages all, 1 is the central section.

    Raises
    ------
    SettingError
        If a box has no such axis or fewer sections.
    """

    def __init__(self, boxes: LazyArray, axis: int = 0, slab: int | None = None) -> None:
        if axis not in (0, 1, 2):
            raise SettingError(f"Boxes cannot be projected along the axis {axis}; choose 0, 1 or 2 for z, y or x.")
        depth = boxes.shape[axis + 1]
        if slab is not None and not 1 <= slab <= depth:
            raise SettingError(f"{slab} sections cannot be averaged; choose 1 to {depth}, the edge of the boxes.")
        self._boxes, self._axis = boxes, axis
        first = (depth - (slab or depth) + 1) // 2
        self._slab = slice(first, first + (slab or depth))
        edges = list(boxes.shape[1:])
        del edges[axis]
        self.shape = (boxes.shape[0], *edges)
        self.dtype = np.dtype(np.float32)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> npt.NDArray[np.float32]:
        """The projection (y, x) at a place, or the projections (m, y, x) at a slice or places."""
        boxes = np.asarray(self._boxes[index], dtype=np.float32)
        axis = boxes.ndim - 3 + self._axis
        within = [slice(None)] * boxes.ndim
        within[axis] = self._slab
        return np.asarray(boxes[tuple(within)].mean(axis=axis), dtype=np.float32)
