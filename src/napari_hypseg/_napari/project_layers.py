"""A project as napari layers: its specimens, the regions where the slider was left, and every kept level."""

from itertools import product
from typing import TYPE_CHECKING, Any

from napari_hypseg._napari.certainty_layer import certainty_layers
from napari_hypseg._napari.latent_view_layers import stored_view_layers
from napari_hypseg._napari.leaf_labels import LeafLabels, leaf_labels
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._napari.metadata_keys import DIRECTION, LEVEL, PROJECT, SPECIMEN, VOLUME_METADATA
from napari_hypseg._napari.volume_layers import LayerTuple, image_layers
from napari_hypseg.errors import HypsegError
from napari_hypseg.project.leaf_levels import leaf_levels
from napari_hypseg.project.sources import changes, open_specimen
from napari_hypseg.structures.structure_arrays import shown_levels
from napari_hypseg.volumes.volume import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.records import Level, Segmentation

REGIONS = "regions"


def project_layers(project: "Project") -> tuple[list[Any], list[str]]:
    """Layers of a project, and sentences about what could not be shown.

    Only the first specimen and the slider's regions on it are visible at first; latent views are there,
    hidden. The regions that are visible come last, since napari selects what it opens last. All levels of one
    segmentation share one array of leaves.
    """
    notes = list(project.damage)
    layers: list[Any] = []
    for number, record in enumerate(project.records):
        try:
            specimen = open_specimen(project.path, record)
        except HypsegError as error:  # the labels are worth seeing without the image
            notes.append(str(error))
        else:
            notes += changes(project.path, record, specimen)
            layers += [_marked(layer, project, number) for layer in image_layers(specimen.volume, number == 0)]
        layers += stored_view_layers(project, number)
        layers += certainty_layers(project, number)
    numbers = range(len(project.records)) if project.segmentation else ()
    for level, number in product(project.levels, numbers):
        try:
            layers.append(level_layer(project, level, number, visible=False))
        except HypsegError as error:
            notes.append(str(error))
    layers += [slider_layer(project, number) for number in reversed(numbers)]
    return layers, notes


def slider_layer(project: "Project", specimen: int = 0, table: LeafTable | None = None) -> LeafLabels:
    """The layer that follows the slider, on one specimen; `table` is that of the cut, where it is known already."""
    if project.segmentation is None:
        raise HypsegError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    annotation = project.structures.annotation if project.structures is not None else None
    cut = project.cut()
    table = table or LeafTable.of(project.segmentation.tree(cut.tree), cut, annotation=annotation)
    return leaf_layer(project, shown_leaves(project, specimen), table, specimen, None, visible=specimen == 0)


def shown_leaves(project: "Project", specimen: int) -> tuple[LazyArray, ...]:
    """What the slider's layer shows through its table: the leaves, with painted corrections where there are any."""
    levels = pictured_leaves(project, project.segmentation, specimen)
    return levels if project.structures is None else shown_levels(levels, project.structures.annotation, specimen)


def pictured_leaves(project: "Project", segmentation: "Segmentation | None", specimen: int) -> tuple[LazyArray, ...]:
    """The leaves of a segmentation of a project, of a large specimen at several resolutions."""
    if segmentation is None:
        raise HypsegError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    return leaf_levels(segmentation, specimen, project.records[specimen].voxel_size)


def level_layer(project: "Project", level: "Level", specimen: int = 0, visible: bool = True) -> LeafLabels:
    """The layer of a kept level, on one specimen."""
    segmentation = project.segmentation_of(level)
    table = LeafTable.of(segmentation.tree(level.tree), level.cut)
    leaves = pictured_leaves(project, segmentation, specimen)
    return leaf_layer(project, leaves, table, specimen, level.name, visible)


def leaf_layer(
    project: "Project", leaves: Any, table: LeafTable, specimen: int, level: str | None, visible: bool
) -> LeafLabels:
    """A layer of leaf ids in its place, with the marks of its project; `level` is None for the slider's."""
    record = project.records[specimen]
    name = level or REGIONS
    return leaf_labels(
        leaves,
        table,
        name=name if len(project.records) == 1 else f"{name} · {record.name}",
        voxel_size=record.voxel_size,
        unit=record.unit,
        origin=record.origin,
        metadata={
            **_marks(project, specimen),
            LEVEL: level,
            VOLUME_METADATA: dict(record.metadata),
            DIRECTION: record.direction,
        },
        visible=visible,
    )


def _marked(layer: LayerTuple, project: "Project", specimen: int) -> LayerTuple:
    data, keywords, kind = layer
    return data, {**keywords, "metadata": {**keywords["metadata"], **_marks(project, specimen)}}, kind


def _marks(project: "Project", specimen: int) -> dict[str, Any]:
    return {PROJECT: str(project.path), SPECIMEN: specimen}
