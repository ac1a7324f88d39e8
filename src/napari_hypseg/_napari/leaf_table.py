"""What a slider step changes: for every leaf its colour and its region. Voxels stay as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.colour.node_colours import region_colours
from napari_hypseg.hierarchy.cuts import Cut, lookup_of_nodes, region_nodes
from napari_hypseg.hierarchy.region_names import names_of_nodes
from napari_hypseg.hierarchy.tree import Hierarchy

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class LeafTable:
    """Colours and regions of the K leaves of a leaf-id volume; row 0 is outside.

    Parameters
    ----------
    colours
        float32 (K+1, 4): RGBA in [0, 1]; alpha 0 hides a leaf. Row 0 is taken as transparent whatever it holds.
    regions
        Unsigned integers (K+1,): region ids, 0 for outside.
    names
        Region id to name; regions without one are shown by their id alone.
    """

    colours: npt.NDArray[np.float32]
    regions: npt.NDArray[np.uint16]
    names: Mapping[int, str]

    @classmethod
    def of(cls, hierarchy: Hierarchy, cut: Cut, hidden: frozenset[int] = frozenset()) -> "LeafTable":
        """Table of a cut through the tree; the nodes in `hidden` are transparent."""
        nodes = region_nodes(hierarchy, cut)
        regions = lookup_of_nodes(hierarchy, nodes)
        colours = region_colours(hierarchy, nodes, hidden)[regions]
        return cls(colours, regions, names_of_nodes(hierarchy, nodes))

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
        """Words for the region of a leaf id."""
        region = self.region_of(leaf)
        if not region:
            return "outside"
        name = self.names.get(region, "")
        return f"region {region}" if name in ("", str(region)) else f"region {region}, {name}"

    @property
    def region_colours(self) -> dict[int, Rgba]:
        """Colour of each region: that of its first leaf."""
        pairs = ((region, self.rows[leaf].tolist()) for region, leaf in self._leaf_of.items())
        return {region: (r, g, b, a) for region, (r, g, b, a) in pairs}
