"""Label files as what a prior is learned from: their labels, the names of these, and where each lies."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.io.streaming import iterate_slabs
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.training.prior_file import MOST_LABELS
from napari_hypseg.volumes.orientation import find_orientation, reorient
from napari_hypseg.volumes.units import METERS
from napari_hypseg.volumes.volume import Volume, relative_edges

LARGEST = 2**31
FEWEST_COMMON = 0.5
"""Share of the labels that all maps have to have: fewer are maps of other things."""

LARGEST_RATIO = 10.0
"""Of the volumes that two maps have labelled."""


@dataclass(frozen=True, eq=False)
class LabelMap:
    """A label file whose axes run as those of the others.

    Parameters
    ----------
    volume
        Its voxels.
    voxels, centres
        By code above 0: number of voxels, and their mean index (z, y, x).
    """

    volume: Volume
    voxels: Mapping[int, int]
    centres: Mapping[int, npt.NDArray[np.float64]]

    @property
    def name(self) -> str:
        """Of the file."""
        return self.volume.name

    @property
    def names(self) -> Mapping[int, str]:
        """Names of labels that the file holds."""
        held = self.volume.metadata.get("names", {})
        return held if isinstance(held, Mapping) else {}


def read_label_maps(volumes: Sequence[Volume], wanted: "LabelChoice") -> Job[list[LabelMap]]:
    """Look through label files; axes are exchanged and reversed to run as those of the first.

    Yields `Progress` of ``"read"``.

    Raises
    ------
    InputError
        If one holds no labels, or they are not maps of the same kind of thing.
    """
    first, made = volumes[0], list[LabelMap]()
    for number, volume in enumerate(volumes):
        oriented = _oriented(volume, first)
        if (oriented.unit in METERS) != (first.unit in METERS):
            raise InputError(
                f"Only one of {first.name} and {volume.name} says how large its voxels are; give the size of the "
                "others.",
                setting="voxel_size",
            )
        made.append((yield from _label_map(oriented, wanted, number, len(volumes))))
    _check_together(made)
    return made


@dataclass(frozen=True)
class LabelChoice:
    """Which codes count as labels.

    Parameters
    ----------
    only
        These; None stands for all.
    leave_out
        But not these; they become background.
    """

    only: Container[int] | None = None
    leave_out: Container[int] = ()

    def takes(self, code: int) -> bool:
        """Whether `code` counts."""
        return code != 0 and (self.only is None or code in self.only) and code not in self.leave_out


def common_codes(maps: Sequence[LabelMap]) -> list[int]:
    """Codes that every map has, ascending."""
    return sorted(set.intersection(*(set(one.voxels) for one in maps)))


def all_codes(maps: Sequence[LabelMap]) -> list[int]:
    """Codes that any map has, ascending."""
    return sorted(set.union(*(set(one.voxels) for one in maps)))


def _oriented(volume: Volume, first: Volume) -> Volume:
    if len(volume.channels) != 1:
        raise InputError(f"{volume.name} has {len(volume.channels)} channels; a label file has one.")
    if volume.direction is None or first.direction is None:
        return volume
    orientation = find_orientation(volume.direction, first.direction)
    if orientation is None:
        raise InputError(f"The axes of {volume.name} lie between those of {first.name}; resample it.")
    return reorient(volume, orientation)


def _label_map(volume: Volume, wanted: LabelChoice, number: int, count: int) -> Job[LabelMap]:
    sizes, sums = dict[int, int](), dict[int, npt.NDArray[np.float64]]()
    depth = volume.shape[0]
    for start, slab in iterate_slabs(volume.channels[0], volume.channels[0].dtype):
        codes, inverse = np.unique(slab, return_inverse=True)
        _check_codes(codes, volume.name)
        counts = np.bincount(inverse.ravel(), minlength=len(codes))
        ids = inverse.reshape(slab.shape)
        for place, code in enumerate(codes.astype(np.int64).tolist()):
            if not wanted.takes(code):
                continue
            found = np.argwhere(ids == place).sum(axis=0) + np.array([start * counts[place], 0, 0])
            sizes[code] = sizes.get(code, 0) + int(counts[place])
            sums[code] = sums.get(code, np.zeros(3)) + found
        yield Progress("read", number * depth + start + len(slab), count * depth)
    if not sizes:
        raise InputError(f"{volume.name} holds none of the labels that are wanted; check the file and the codes.")
    if len(sizes) > MOST_LABELS - 1:
        raise InputError(
            f"{volume.name} holds {len(sizes)} labels, and a prior takes {MOST_LABELS - 1}; choose some of them.",
            setting="only",
        )
    return LabelMap(volume, sizes, {code: sums[code] / sizes[code] for code in sizes})


def _check_codes(codes: npt.NDArray[np.generic], name: str) -> None:
    values = codes.astype(np.float64)
    if not np.isfinite(values).all() or (values != np.round(values)).any() or (np.abs(values) > LARGEST).any():
        raise InputError(f"{name} holds values that are no whole numbers; it is an image and no map of labels.")
    if (values < 0).any():
        raise InputError(f"{name} holds the negative label {int(values.min())}; labels are numbers from 1.")


def _check_together(maps: Sequence[LabelMap]) -> None:
    common, every = common_codes(maps), all_codes(maps)
    if len(every) > MOST_LABELS - 1:
        raise InputError(
            f"Together the files hold {len(every)} labels, and a prior takes {MOST_LABELS - 1}; choose some of them.",
            setting="only",
        )
    for one in maps[1:]:
        shared = len(set(one.voxels) & set(maps[0].voxels))
        if not common or shared < FEWEST_COMMON * min(len(one.voxels), len(maps[0].voxels)):
            raise InputError(
                f"{one.name} and {maps[0].name} have {shared} labels in common, of {len(one.voxels)} and "
                f"{len(maps[0].voxels)}; a prior is learned from maps with the same labels."
            )
        _check_size(one, maps[0], common)
    ratio = max(max(relative_edges(one.volume.voxel_size)) for one in maps)
    if ratio > 20:
        raise InputError("The voxels of a label file are more than 20 times as long as wide; resample it.")


def _check_size(one: LabelMap, first: LabelMap, common: Sequence[int]) -> None:
    """Compare the volumes of the labels that all maps have: others may bear the same numbers by chance."""
    sizes = [
        sum(each.voxels[code] for code in common)
        * float(np.prod(each.volume.voxel_size))
        * METERS.get(each.volume.unit, 1.0) ** 3
        for each in (one, first)
    ]
    ratio = sizes[0] / sizes[1]
    if not 1 / LARGEST_RATIO <= ratio <= LARGEST_RATIO:
        raise InputError(
            f"What {one.name} shows is {ratio:.2g} times as large as in {first.name}; they are of different kinds, or "
            "a voxel size is wrong.",
            setting="voxel_size",
        )
