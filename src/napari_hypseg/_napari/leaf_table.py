"""What a slider step changes: for every leaf its colour and its region. Voxels stay as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.colours import colour_table
from napari_hypseg.hierarchy.cuts import Cut, lookup
from napari_hypseg.hierarchy.names import region_names
from napari_hypseg.hierarchy.tree import Hierarchy

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

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
        return cls(colour_table(hierarchy, cut, hidden), lookup(hierarchy, cut), region_names(hierarchy, cut))

    @cached_property
    def rows(self) -> npt.NDArray[np.float32]:
        """A copy of `colours` as float32 with row 0 transparent."""
        rows = np.array(self.colours, dtype=np.float32)
        rows[0] = 0
        return rows

    @property
    def columns(self) -> "dict[str, npt.NDArray[np.uint16] | pd.Categorical]":
        """Columns of a layer's features, one row per leaf: what napari tells about the voxel under the mouse.

        The names are categories, not text: 65 535 of them are made in 0.1 ms.
        """
        import pandas as pd

        categories = list(dict.fromkeys(self.names.values()))
        position = {name: code for code, name in enumerate(categories)}
        codes = np.full(int(self.regions.max(initial=0)) + 1, -1, dtype=np.int32)
        for region, name in self.names.items():
            if region < len(codes):
                codes[region] = position[name]
        return {"region": self.regions, "name": pd.Categorical.from_codes(codes[self.regions], categories)}

    def describe(self, leaf: int) -> str:
        """Words for the region of a leaf id."""
        region = int(self.regions[leaf]) if leaf < len(self.regions) else 0
        if not region:
            return "outside"
        name = self.names.get(region, "")
        return f"region {region}" if name in ("", str(region)) else f"region {region}, {name}"

    @property
    def region_colours(self) -> dict[int, Rgba]:
        """Colour of each region: that of its first leaf."""
        regions, first = np.unique(self.regions, return_index=True)
        pairs = zip(regions.tolist(), self.rows[first].tolist(), strict=True)
        return {region: (r, g, b, a) for region, (r, g, b, a) in pairs if region}
