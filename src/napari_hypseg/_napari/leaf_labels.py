"""A labels layer over leaf ids that shows regions, and gives regions to whoever saves or copies it."""

from typing import Any

import numpy as np
from napari.layers import Labels
from napari.utils.colormaps import CyclicLabelColormap, DirectLabelColormap

from napari_hypseg._napari.leaf_table import LeafTable, Rgba
from napari_hypseg._napari.marks import TABLE
from napari_hypseg._napari.place import placement
from napari_hypseg._napari.region_array import RegionArray
from napari_hypseg.volumes.volume import LazyArray, Vector3

HIDDEN: Rgba = (0.0, 0.0, 0.0, 0.0)


class LeafLabels(Labels):  # type: ignore[misc]  # napari loads its layers lazily
    """Labels whose data are leaf ids and whose `LeafTable`, in the metadata, says which region each leaf belongs to.

    A `CyclicLabelColormap` with exactly K+1 colours is a lookup table over the leaves. Leaf ids are the project's own:
    all its levels share them, nobody can paint on them, and they never leave the layer. Any writer, napari's own
    included, and a duplicate of the layer get region ids.
    """

    @property
    def _type_string(self) -> str:
        """What napari calls this kind of layer in menus, icons and writers."""
        return "labels"

    def get_status(self, position: Any = None, **keywords: Any) -> dict[str, str]:
        """What the status bar says of a place: the region there, not the leaf.

        napari's own version looks the leaf up in the features, and in 3D it fails before the mouse has moved.
        """
        status: dict[str, str] = super(Labels, self).get_status(position, **keywords)
        leaf = status["value"]
        if leaf.isdigit():
            region = self.metadata[TABLE].describe(int(leaf))
            status["value"] = region
            status["coordinates"] = status["coordinates"].removesuffix(leaf) + region
        return status

    def as_layer_data_tuple(self) -> tuple[Any, dict[str, Any], str]:
        """Region ids with names and colours by region, as a plain labels layer."""
        leaves, state, kind = super().as_layer_data_tuple()
        table: LeafTable = self.metadata[TABLE]
        colours: dict[int | None, Rgba] = {0: HIDDEN, None: HIDDEN}
        colours.update(dict(table.region_colours.items()))
        state.pop("properties", None)
        return (
            RegionArray(leaves, np.asarray(table.regions, dtype=np.uint16)),
            {
                **state,
                "metadata": {key: value for key, value in self.metadata.items() if key != TABLE},
                "features": {"index": list(table.names), "name": list(table.names.values())},
                "colormap": DirectLabelColormap(color_dict=colours),
            },
            kind,
        )


def leaf_labels(
    leaves: LazyArray,
    table: LeafTable,
    name: str = "regions",
    voxel_size: Vector3 = (1.0, 1.0, 1.0),
    unit: str = "pixel",
    origin: Vector3 = (0.0, 0.0, 0.0),
    metadata: dict[str, Any] | None = None,
    visible: bool = True,
) -> LeafLabels:
    """A layer that shows `leaves` in the colours of `table`.

    Parameters
    ----------
    leaves
        Leaf ids (z, y, x), uint16, 0 outside; shared, never copied.
    table
        Colours and regions of the leaves.
    voxel_size, unit, origin
        As in `Volume`.
    metadata
        More for the layer's metadata, under the keys of `marks`.
    """
    layer = LeafLabels(
        leaves,
        name=name,
        multiscale=False,
        colormap=leaf_colormap(table),
        features=table.columns,
        rendering="translucent",  # iso_categorical shades by leaf ids: dark seams inside regions
        metadata={**(metadata or {}), TABLE: table},
        visible=visible,
        **placement(voxel_size, unit, origin),
    )
    layer.editable = False
    return layer


def leaf_colormap(table: LeafTable) -> CyclicLabelColormap:
    """A colormap of its own for the table."""
    return CyclicLabelColormap(colors=table.rows.copy(), background_value=0)
