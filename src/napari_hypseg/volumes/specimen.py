"""A specimen: a volume and the part of it that counts."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.volumes.alignment import align_to
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import Volume


@dataclass(frozen=True, eq=False)
class Specimen:
    """One volume with an optional mask and an optional box; voxels outside either take no part in anything.

    Parameters
    ----------
    volume
        The channels.
    mask
        Volume of one channel on the same grid; voxels above 0 count. One whose axes run in another order or sense is
        reoriented.
    box
        Part of the grid that counts, in voxels.

    Raises
    ------
    InputError
        If the mask lies on another grid, or the box holds no voxel.
    """

    volume: Volume
    mask: Volume | None = None
    box: Box | None = None

    def __post_init__(self) -> None:
        if self.mask is not None:
            object.__setattr__(self, "mask", align_to(self.mask, self.volume))
        if self.region.size == 0:
            raise InputError(
                f"The box {self.box} holds no voxel of {self.volume.name}, whose grid is {self.volume.shape} (z, y, x)."
            )

    @property
    def region(self) -> Box:
        """The part of the grid inside the box."""
        whole = self.volume.box
        return whole if self.box is None else self.box.intersect(whole)

    def inside(self, box: Box) -> npt.NDArray[np.bool_]:
        """Which voxels of `box` count, as bool (z, y, x); `box` lies in the grid."""
        counted = np.zeros(box.shape, dtype=np.bool_)
        z, y, x = box.start
        common = self.region.intersect(box)
        here = common.shift((-z, -y, -x)).slices
        if common.size:
            counted[here] = True if self.mask is None else np.asarray(self.mask.channels[0][common.slices]) > 0
        return counted

    @cached_property
    def fingerprint(self) -> str:
        """Short hash of volume, mask and box."""
        mask = self.mask.fingerprint if self.mask else ""
        return hashlib.sha256(f"{self.volume.fingerprint}{mask}{self.box}".encode()).hexdigest()[:16]
