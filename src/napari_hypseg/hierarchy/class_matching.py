"""Which region stands for which class: each class gets a region of its own so that their Dice add up to the most."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

NO_REGION = -1


@dataclass(frozen=True, eq=False)
class ClassMatching:
    """What was matched with each of n classes.

    Parameters
    ----------
    dice
        float64 (n,) in [0, 1]; 0 where nothing is left for a class.
    regions
        int64 (n,); row of the region of each class, `NO_REGION` where there is none.
    """

    dice: npt.NDArray[np.float64]
    regions: npt.NDArray[np.int64]


def match_classes(shared: npt.NDArray[np.int64], class_sizes: npt.NDArray[np.int64]) -> ClassMatching:
    """Match regions and classes one to one by the Hungarian method.

    Parameters
    ----------
    shared
        int64 (r, n): voxels each region shares with each class; together they are all of the region.
    class_sizes
        int64 (n,), above 0: voxels of each class, whether in a region or not.
    """
    dice = 2 * shared / (shared.sum(axis=1)[:, None] + class_sizes[None, :])
    touching = np.flatnonzero(shared.any(axis=1))  # the rest cannot be matched, and there may be thousands of regions
    rows, classes = linear_sum_assignment(dice[touching], maximize=True)
    reached = np.zeros(len(class_sizes))
    reached[classes] = dice[touching[rows], classes]
    regions = np.full(len(class_sizes), NO_REGION, dtype=np.int64)
    regions[classes] = touching[rows]
    regions[reached == 0] = NO_REGION
    return ClassMatching(reached, regions)
