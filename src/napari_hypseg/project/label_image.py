"""Regions of a segmentation as labels that can be written to a file."""

from collections.abc import Sequence
from pathlib import Path

from napari_hypseg.hierarchy.colour.node_colours import node_colours
from napari_hypseg.hierarchy.cuts import Cut, lookup, region_nodes
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.hierarchy.region_names import region_names
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.project.records import Segmentation, SpecimenRecord
from napari_hypseg.volumes.volume import LazyArray


def label_image_of(
    segmentation: Segmentation, cut: Cut, leaves: LazyArray, record: SpecimenRecord, inputs: Sequence[Path]
) -> LabelImage:
    """The regions of a cut on one specimen, in its place.

    Parameters
    ----------
    segmentation, cut
        Which regions.
    leaves
        Leaf ids (z, y, x) of the specimen.
    record
        Where it lies in the world.
    inputs
        What the labels must not be written over.
    """
    tree = segmentation.tree(cut.tree)
    colours = node_colours(tree)
    regions = enumerate(region_nodes(tree, cut), start=1)
    return LabelImage(
        data=LookupArray(leaves, lookup(tree, cut)),
        maximum=len(cut.nodes),
        voxel_size=record.voxel_size,
        unit=record.unit,
        origin=record.origin,
        direction=record.direction,
        names=region_names(tree, cut),
        colours={region: tuple(colours[node].tolist()) for region, node in regions},
        metadata=record.metadata,
        inputs=tuple(inputs),
    )
