"""What a slider step changes: for every leaf its colour and its region. Voxels stay as they are.

A structure is a region too, with the number of leaves plus its id, whatever cut is shown around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.colour.node_colours import region_colours
from napari_hypseg.hierarchy.cuts import Cut, lookup_of_nodes, region_nodes
from napari_hypseg.hierarchy.region_names import names_of_nodes
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.structure import MAX_STRUCTURES, Rgb
from napari_hypseg.structures.structure_arrays import shown_ids, shown_table

Rgba = tuple[float, float, float, float]
Selected = npt.NDArray[np.bool_]
FADED = 0.4
"""Opacity of the regions of the rest, once there are structures: these are what a person made."""
DIMMED = 0.12
"""Opacity of what is not selected, in that of the rest."""


@dataclass(frozen=True, eq=False)
class LeafTable:
    """Colours and regions of the values of a leaf-id volume, or of a `ShownArray` once something is painted.

    Parameters
    ----------
    colours
        float32 (n, 4): RGBA in [0, 1]; alpha 0 hides a leaf. Row 0 is taken as transparent whatever it holds.
    regions
        Unsigned integers (n,): region ids, 0 for outside.
    names
        Region id to name; regions without one are shown by their id alone.
    first_structure
        Region ids from this one on are structures, None if there are none.
    """

    colours: npt.NDArray[np.float32]
    regions: npt.NDArray[np.uint16]
    names: Mapping[int, str]
    first_structure: int | None = None

    @classmethod
    def of(
        cls,
        hierarchy: Hierarchy,
        cut: Cut,
        hidden: frozenset[int] = frozenset(),
        annotation: Annotation | None = None,
        selected: Selected | None = None,
    ) -> "LeafTable":
        """Table of a cut through the tree.

        Parameters
        ----------
        hierarchy, cut
            The regions.
        hidden
            Nodes that are transparent.
        annotation
            Structures, shown in place of the regions they hold.
        selected
            Leaves (bool, K) that stand out while all others are dimmed; None where nothing is selected.
        """
        nodes = region_nodes(hierarchy, cut)
        regions = lookup_of_nodes(hierarchy, nodes)
        colours = region_colours(hierarchy, nodes, hidden)[regions]
        names = names_of_nodes(hierarchy, nodes)
        if annotation is not None and (annotation.structures or annotation.painting):
            names = {**names, **structure_names(annotation)}
            regions = shown_table(regions, structure_regions(annotation), annotation)
            faded = colours * np.array([1, 1, 1, FADED if annotation.structures else 1], dtype=np.float32)
            colours = shown_table(faded, structure_colours(annotation), annotation)
        shown = colours if selected is None else dimmed(colours, selected)
        return cls(shown, regions, names, hierarchy.n_leaves + 1)

    def coloured(self, leaves: Selected, colour: Rgb) -> "LeafTable":
        """The same table with some leaves (bool, K) in another colour, sRGB in [0, 1]."""
        colours = self.colours.copy()
        colours[1 : len(leaves) + 1][leaves, :3] = colour
        return replace(self, colours=colours)

    @cached_property
    def rows(self) -> npt.NDArray[np.float32]:
        """A copy of `colours` as float32 with row 0 transparent."""
        rows = np.array(self.colours, dtype=np.float32)
        rows[0] = 0
        return rows

    @cached_property
    def _leaf_of(self) -> dict[int, int]:
        """The first leaf of every region."""
        regions, first = np.unique(self.regions[1:], return_index=True)
        return {region: leaf for region, leaf in zip(regions.tolist(), (first + 1).tolist(), strict=True) if region}

    def leaf_of(self, region: int) -> int:
        """The first leaf of a region, 0 if there is no such region."""
        return self._leaf_of.get(region, 0)

    def region_of(self, leaf: int) -> int:
        """The region of a leaf, 0 outside."""
        return int(self.regions[leaf]) if 0 < leaf < len(self.regions) else 0

    def regions_of(self, leaves: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
        """The regions of many leaves; leaves of another table, between one segmentation and the next, are outside."""
        return self.regions[np.where(leaves < len(self.regions), leaves, 0)]

    @property
    def columns(self) -> dict[str, list[int] | list[str]]:
        """Columns of a layer's features, one row per region: its id under ``index``, and its name."""
        return {"index": list(self._leaf_of), "name": [self.names.get(region, "") for region in self._leaf_of]}

    def describe(self, leaf: int) -> str:
        """Words for the region of a leaf id: its number, with its name where that says more; a structure has a name."""
        region = self.region_of(leaf)
        if not region:
            return "outside"
        name = self.names.get(region, "")
        if self.first_structure is not None and region >= self.first_structure:
            return name
        return f"region {region}" if name in ("", str(region)) else f"region {region} ({name})"

    @property
    def region_colours(self) -> dict[int, Rgba]:
        """Colour of each region: that of its first leaf."""
        pairs = ((region, self.rows[leaf].tolist()) for region, leaf in self._leaf_of.items())
        return {region: (r, g, b, a) for region, (r, g, b, a) in pairs}


def structure_names(annotation: Annotation) -> dict[int, str]:
    """Name of each structure by its region id."""
    return {annotation.n_leaves + one.id: one.name for one in annotation.structures.values()}


def structure_regions(annotation: Annotation) -> npt.NDArray[np.uint16] | npt.NDArray[np.uint32]:
    """Region id (1001,) of each structure id."""
    last = annotation.n_leaves + MAX_STRUCTURES
    return (annotation.n_leaves + np.arange(MAX_STRUCTURES + 1)).astype(np.min_scalar_type(last))


def structure_colours(annotation: Annotation) -> npt.NDArray[np.float32]:
    """RGBA, float32 (1001, 4), of each structure id; what is hidden, or inside of what is, is transparent."""
    colours = np.zeros((MAX_STRUCTURES + 1, 4), dtype=np.float32)
    for one in annotation.structures.values():
        colours[one.id] = (*one.colour, 1)
    for one in annotation.structures.values():
        if not one.visible:
            colours[annotation.family(one.id), 3] = 0
    return colours


def dimmed(colours: npt.NDArray[np.float32], selected: Selected) -> npt.NDArray[np.float32]:
    """Colours in which the selected leaves are opaque and all else is nearly transparent."""
    n_leaves = len(selected)
    made = colours.copy()
    made[:, 3] *= DIMMED
    made[1 : n_leaves + 1][selected, 3] = 1
    if len(colours) == shown_ids(n_leaves):  # erased voxels of a leaf stand out with it
        made[-n_leaves:][selected, 3] = 1
    return made
