"""Hollow structures filled section by section, so that a shell is one thick object and not a wall around nothing.

Sections across z are filled each on its own: a missing wedge leaves the caps of a shell open along z, and a volume
filled as a whole would run out through them.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.structures.mask_slabs import Mask
from napari_hypseg.volumes import LazyArray
from napari_hypseg.volumes.indexing import per_axis


class FilledSections:
    """A lazy mask (z, y, x) with everything that is enclosed in a section (y, x) taken as inside.

    Parameters
    ----------
    mask
        (z, y, x); voxels above 0 count. Whole sections of it are read.
    """

    def __init__(self, mask: LazyArray) -> None:
        self._mask = mask
        self.shape = tuple(mask.shape)
        self.dtype = np.dtype(bool)
        self.chunks: Any = getattr(mask, "chunks", None)

    def __getitem__(self, index: Any) -> npt.NDArray[np.bool_]:
        """Voxels of a part."""
        z, y, x = per_axis(index)
        there = np.asarray(self._mask[z])
        inside = there if there.dtype == bool else there > 0
        sections = np.stack([filled(one) for one in inside.reshape(-1, *self.shape[1:])]) if inside.size else inside
        return np.asarray(sections.reshape(inside.shape)[..., y, x])


def enclosed_share_job(mask: LazyArray) -> Job[float]:
    """Voxels that a mask (z, y, x) encloses in its sections, relative to its own; yields ``Progress("pick", …)``."""
    own, enclosed = 0, 0
    for z in range(mask.shape[0]):
        inside = np.asarray(mask[z]) > 0
        if inside.any():
            own += int(inside.sum())
            enclosed += int((filled(inside) & ~inside).sum())
        yield Progress(Stage.PICK, z, mask.shape[0])
    return enclosed / own if own else 0.0


def filled(section: Mask) -> Mask:
    """A section (y, x) with what is enclosed in it.

    Enclosed is background from which no path over the sides of pixels leads to the border, or only to one side of it
    and to less of that than is left: what the border cuts off, such as a ring.
    """
    background, count = ndimage.label(~section)
    if count == 0:
        return section
    sides = (background[0], background[-1], background[:, 0], background[:, -1])
    contacts = np.stack([np.bincount(side, minlength=count + 1) for side in sides])
    length = np.maximum(1, np.array([len(side) for side in sides]))[:, None]
    open_ = ((contacts > 0).sum(axis=0) > 1) | (2 * contacts > length).any(axis=0)
    open_[0] = True
    return np.asarray(section | ~open_[background])
