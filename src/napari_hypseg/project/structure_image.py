"""Structures, or some of the regions of a level, as labels that can be written to a file."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.hierarchy.colour.node_colours import node_colours
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.project.project import Project
from napari_hypseg.structures.structure import MAX_STRUCTURES
from napari_hypseg.structures.structure_arrays import shown_array, shown_table


def structure_image(project: Project, names: Sequence[str], specimen: int = 0) -> LabelImage:
    """Structures as labels in place: 1 for the first of `names`, by default of all, 2 for the next and so on.

    A voxel of a structure that lies inside another one gets the label of the innermost that was named, so that one
    named alone is a mask of all of it.

    Raises
    ------
    SettingError
        If there is no such structure, or none at all.
    InputError
        If there is no such specimen.
    ProjectError
        If there is no segmentation yet.
    """
    record = project.specimen_record(specimen)
    if project.structures is None:
        raise ProjectError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    annotation = project.structures.annotation
    chosen = [annotation.structure(name) for name in dict.fromkeys(names)] or list(annotation.structures.values())
    if not chosen:
        raise SettingError(f"{project.path.name} has no structures yet; make some in the window, or choose regions.")
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


def shown_image(project: Project, cut: Cut | None = None, specimen: int = 0) -> LabelImage:
    """What the window shows as labels: structures first, in the order they were made, then the regions of the rest.

    Each structure is shown where none that lies inside it is.

    Parameters
    ----------
    cut
        The regions, None for those of the slider with what was opened and closed by hand.

    Raises
    ------
    InputError
        If there is no such specimen.
    ProjectError
        If there is no segmentation yet.
    """
    image = project.label_image(cut, specimen)
    structures = project.structures
    if structures is None or not (structures.annotation.structures or structures.annotation.painting):
        return image
    annotation, regions = structures.annotation, image.data
    assert isinstance(regions, LookupArray)
    made = list(annotation.structures.values())
    of_structures = np.zeros(MAX_STRUCTURES + 1, dtype=np.uint32)
    of_structures[[one.id for one in made]] = np.arange(1, len(made) + 1)
    of_leaves = np.where(regions.table > 0, regions.table + np.uint32(len(made)), np.uint32(0))
    free = annotation.free_leaves()
    left = {int(region) for region in np.unique(regions.table[1:][free])} if not annotation.painting else None
    shift = {region: region + len(made) for region in image.names if left is None or region in left}
    return replace(
        image,
        data=LookupArray(
            shown_array(regions.leaves, annotation, specimen), shown_table(of_leaves, of_structures, annotation)
        ),
        maximum=image.maximum + len(made),
        names={label: one.name for label, one in enumerate(made, start=1)}
        | {label: f"region {image.names[region]}" for region, label in shift.items()},
        colours={label: (*one.colour, 1.0) for label, one in enumerate(made, start=1)}
        | {label: image.colours[region] for region, label in shift.items()},
    )


def leaf_image(project: Project, specimen: int = 0) -> LabelImage:
    """The leaves as labels: leaf *i* of the tree is *i* + 1.

    Raises
    ------
    InputError
        If there is no such specimen.
    ProjectError
        If there is no segmentation yet.
    """
    tree = project.hierarchy
    every = Cut(tuple(range(tree.n_leaves)), tree.name) if tree is not None else None
    image = project.label_image(every, specimen)
    names = {leaf: str(leaf) for leaf in range(1, image.maximum + 1)}
    colours = {} if tree is None else dict(enumerate(map(tuple, node_colours(tree)[: tree.n_leaves].tolist()), start=1))
    return replace(image, data=project.leaves[specimen], names=names, colours=colours)


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
