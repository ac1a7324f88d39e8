"""Touching nuclei whose instances are known, taken together as one structure and parted again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.io.opening import open_volume
from napari_hypseg.jobs import Job
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.volumes import Vector3

MIN_VOXELS = 50
MATCHED = 0.5
"""Intersection over union from which on a piece is a nucleus."""


@dataclass(frozen=True)
class NucleiCase:
    """A folder of the example volumes with ``labels.tif``, a number for each nucleus, and its voxel size in µm."""

    folder: str
    content: str
    voxel_size: Vector3


CASES = (
    NucleiCase("lm_nuclei", "human cells in culture", (0.29, 0.26, 0.26)),
    NucleiCase("lm_plant_nuclei", "plant ovule", (0.284, 0.128, 0.128)),
)


@dataclass(frozen=True)
class Parted:
    """What was found: nuclei there are, pieces counted, and pieces that are a nucleus."""

    content: str
    split_touching: bool
    nuclei: int
    pieces: int
    matched: int


def parted_job(data: Path) -> Job[list[Parted]]:
    """Count the nuclei of each case that is at hand, with and without parting those that touch."""
    found = []
    for case in CASES:
        path = data / case.folder / "labels.tif"
        if not path.is_file():
            continue
        truth = np.asarray(open_volume(path).channels[0][:])
        for split in (False, True):
            settings = InstanceSettings(split_touching=split, min_voxels=MIN_VOXELS)
            made = yield from instances_job(truth, case.voxel_size, settings)
            nuclei = int((np.bincount(truth.ravel())[1:] >= MIN_VOXELS).sum())
            found.append(Parted(case.content, split, nuclei, made.count, matches(truth, made.data[:])))
    return found


def matches(truth: npt.NDArray[Any], pieces: npt.NDArray[Any]) -> int:
    """Pairs of a label of `truth` and of `pieces`, both (z, y, x), that share more than half of their union."""
    inside = (truth > 0) & (pieces > 0)
    pairs, shared = np.unique(np.stack([truth[inside], pieces[inside]]), axis=1, return_counts=True)
    sizes = np.bincount(truth.ravel())[pairs[0]] + np.bincount(pieces.ravel())[pairs[1]]
    return int((shared / (sizes - shared) > MATCHED).sum())


def rows(found: Sequence[Parted]) -> list[tuple[str, ...]]:
    """Cells of the table."""
    how = {False: "connected components", True: "touching ones parted"}
    return [(one.content, how[one.split_touching], *map(str, (one.nuclei, one.pieces, one.matched))) for one in found]
