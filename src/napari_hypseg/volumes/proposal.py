"""The proposed box of the sample, with evidence and certainty."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.volume import Vector3

Profiles = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Proposal:
    """A box around the sample, how sure it is, and what it was read from.

    Parameters
    ----------
    box
        Half-open, in voxels of the full grid.
    certainty
        How sure it is, in [0, 1].
    method
        Name of the localizer.
    map
        float32 (z, y, x) in [0, 1] on a coarse grid: probability of each cell to be sample.
    step
        Edge lengths (z, y, x) of a cell of `map` in voxels of the full grid; cell *i* spans ``[i·step, (i + 1)·step)``.
    profiles
        For the slices along z, y and x of `map`: certainty in [0, 1] that a slice holds sample, each float32.
    notes
        Sentences the person should read.
    """

    box: Box
    certainty: float
    method: str
    map: npt.NDArray[np.float32]
    step: Vector3
    profiles: Profiles
    notes: tuple[str, ...] = ()
