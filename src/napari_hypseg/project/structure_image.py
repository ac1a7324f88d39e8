"""Structures, or some of the regions of a level, as labels that can be written to a file."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.project.project import Project
from napari_hypseg.structures.structure import MAX_STRUCTURES


def structure_image(project: Project, names: Sequence[str], specimen: int = 0) -> LabelImage:
    """Structures as labels in place: 1 for the first of `names`, 2 for the next and so on.

    A voxel of a structure that lies inside another one gets the label of the innermost that was named, so that one
    named alone is a mask of all of it.

    Raises
    ------
    SettingError
        If there is no such structure.
    InputError
        If there is no such specimen.
    ProjectError
        If there is no segmentation yet.
    """
    record = project.specimen_record(specimen)
    if project.structures is None:
        raise ProjectError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    annotation = project.structures.annotation
    chosen = [annotation.structure(name) for name in dict.fromkeys(names)]
    families = {one.id: annotation.family(one.id) for one in chosen}
    table = np.zeros(MAX_STRUCTURES + 1, dtype=np.uint16)
    for label, one in sorted(enumerate(chosen, start=1), key=lambda pair: -len(families[pair[1].id])):
        table[families[one.id]] = label  # a structure comes before those inside it, whose families are smaller
    return LabelImage(
        data=LookupArray(project.structures.owners(specimen), table),
        maximum=len(chosen),
        voxel_size=record.voxel_size,
        unit=record.unit,
        origin=record.origin,
        direction=record.direction,
        names={label: one.name for label, one in enumerate(chosen, start=1)},
        colours={label: (*one.colour, 1.0) for label, one in enumerate(chosen, start=1)},
        metadata=record.metadata,
        inputs=tuple(project.inputs),
    )


def check_regions(image: LabelImage, regions: Sequence[int]) -> None:
    """Make sure that the labels of a level have all of `regions`.

    Raises
    ------
    SettingError
        Naming the first that there is not.
    """
    unknown = next((number for number in regions if number not in image.names), None)
    if unknown is not None:
        raise SettingError(f"There is no region {unknown} in this level; its regions are 1 to {image.maximum}.")


def regions_only(image: LabelImage, regions: Sequence[int]) -> LabelImage:
    """The labels of some regions, 1 for the first of `regions`, 2 for the next and so on, and 0 elsewhere.

    Raises
    ------
    SettingError
        If there is no such region.
    """
    check_regions(image, regions)
    chosen = list(dict.fromkeys(regions))
    table = np.zeros(image.maximum + 1, dtype=np.uint16)
    table[chosen] = np.arange(1, len(chosen) + 1)
    return replace(
        image,
        data=LookupArray(image.data, table),
        maximum=len(chosen),
        names={label: image.names[region] for label, region in enumerate(chosen, start=1)},
        colours={label: image.colours[region] for label, region in enumerate(chosen, start=1)},
    )
