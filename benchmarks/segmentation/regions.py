"""Regions of a phantom and how well they agree with its classes, whatever made them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.contingency import contingency_job
from napari_hypseg.hierarchy.scores import matched_leaves
from napari_hypseg.jobs import Job
from napari_hypseg.volumes.phantom import LEVELS, Phantom

LEVEL_OF: Mapping[int, int] = MappingProxyType({2: 1, 4: 2, 8: 3})
"""The level of the phantom that a number of regions is held against."""
Regions: TypeAlias = Mapping[int, npt.NDArray[np.uint16]]
"""Regions (z, y, x), numbered from 1, by how many they are."""


def level_dice(regions: Regions, made: Phantom) -> Job[dict[int, float]]:
    """Matched Dice with the classes of its level, by number of regions."""
    dice = {}
    for k, ids in regions.items():
        truth = np.array(LEVELS[LEVEL_OF[k]], dtype=np.uint8)[made.labels]
        table = yield from contingency_job(ids, truth, max(k, int(ids.max())))
        dice[k] = matched_leaves(table).matched_dice
    return dice
