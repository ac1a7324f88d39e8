"""What of a project can be measured or drawn as a surface: its structures, or the regions of a cut, as masks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Level
from napari_hypseg.project.structure_image import check_regions
from napari_hypseg.volumes import LazyArray

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class NamedMask:
    """A structure or a region of one specimen.

    Parameters
    ----------
    id
        Of the structure, or number of the region.
    name, parent
        What it is called, and what it lies in or broke off from; empty if there is nothing.
    colour
        RGBA in [0, 1].
    mask
        bool (z, y, x), read as needed.
    """

    id: int
    name: str
    parent: str
    colour: Rgba
    mask: LazyArray


@dataclass(frozen=True, eq=False)
class LabelMask:
    """The voxels (z, y, x) that have one label, as a lazy mask."""

    labels: LazyArray
    label: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return self.labels.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Bool."""
        return np.dtype(bool)

    def __getitem__(self, index: Any, /) -> npt.NDArray[np.bool_]:
        """Voxels of a part."""
        return np.asarray(np.asarray(self.labels[index]) == self.label)


def structure_masks(project: Project, names: Sequence[str] = (), specimen: int = 0) -> tuple[NamedMask, ...]:
    """The structures called `names`, by default all, each with what lies inside it.

    Raises
    ------
    SettingError
        If there is no such structure, or none at all.
    """
    structures = project.structures
    if structures is None or not (names or structures.annotation.structures):
        raise SettingError(f"{project.path.name} has no structures yet; make some in the window, or choose regions.")
    annotation = structures.annotation
    chosen = [annotation.structure(name) for name in dict.fromkeys(names)] or list(annotation.structures.values())
    return tuple(
        NamedMask(
            one.id,
            one.name,
            "" if one.parent is None else annotation.structure(one.parent).name,
            (*one.colour, 1.0),
            structures.mask(one.id, specimen),
        )
        for one in chosen
    )


def region_masks(
    project: Project, level: Cut | Level, regions: Sequence[int] = (), specimen: int = 0
) -> tuple[NamedMask, ...]:
    """The regions of a level with the numbers `regions`, by default all.

    Raises
    ------
    SettingError
        If there is no such region.
    """
    image = project.label_image(level, specimen)
    check_regions(image, regions)
    return tuple(
        NamedMask(
            number,
            image.names[number],
            image.names[number].rpartition(".")[0],
            image.colours[number],
            LabelMask(image.data, number),
        )
        for number in dict.fromkeys(regions) or image.names
    )
