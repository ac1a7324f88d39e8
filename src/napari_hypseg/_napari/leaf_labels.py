"""A labels layer over leaf ids that shows regions, and gives regions where it is picked, saved or copied."""

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from napari.layers import Labels
from napari.layers.labels._labels_constants import Mode
from napari.utils.colormaps import CyclicLabelColormap, DirectLabelColormap
from napari.utils.notifications import show_info

from napari_hypseg._napari.brush import Voxels, paint_stroke
from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.lazy_level import full_resolution
from napari_hypseg._napari.leaf_table import LeafTable, Rgba
from napari_hypseg._napari.metadata_keys import LEVEL, SPECIMEN, TABLE
from napari_hypseg._napari.region_array import RegionArray
from napari_hypseg._napari.shared_leaves import SharedLeaves, SharedLevels, napari_data
from napari_hypseg.volumes.volume import LazyArray, Vector3

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

PAINTING_TOOLS = frozenset({"polygon", "brush_stroke"})
"""Overlays that napari draws on labels for painting, which leaves do not support."""
HIDDEN: Rgba = (0.0, 0.0, 0.0, 0.0)
COLOURS_ARE_KEPT = "A region keeps its colour through all levels, so the colours of regions are not shuffled."


def pick_region(layer: "LeafLabels", event: Any) -> None:
    """Select the region under the mouse; called by napari in its pick mode."""
    leaf = layer.get_value(
        event.position, view_direction=event.view_direction, dims_displayed=event.dims_displayed, world=True
    )
    layer.select_leaf(int(leaf or 0))


class LeafLabels(Labels):  # type: ignore[misc]  # napari loads its layers lazily
    """Labels whose data are leaf ids and whose `LeafTable`, in the metadata, says which region each leaf belongs to.

    A `CyclicLabelColormap` with exactly K+1 colours is a lookup table over the leaves. Leaf ids are the project's own:
    all its levels share them, a brush changes structures and not leaves, and they never leave the layer. Any writer,
    napari's own included, and a duplicate of the layer get region ids. For napari's controls a label is a region: the
    selected one, the one shown alone, the one whose outline is drawn and each row of the features.
    """

    _drag_modes: ClassVar[dict[Any, Any]] = {
        **Labels._drag_modes,
        Mode.PICK: pick_region,
        Mode.PAINT: paint_stroke,
        Mode.ERASE: paint_stroke,
    }
    on_stroke: "Callable[[LeafLabels, Voxels, bool, bool], None] | None" = None
    """What takes a stroke of the brush: the layer, all its voxels so far, whether it erases, and whether it is over.
    Nobody paints where it is None."""
    _selected_leaf = 1
    _features_table: LeafTable | None = None
    """The table that the features were made from."""

    def __init__(self, data: Any, **keywords: Any) -> None:
        super().__init__(napari_data(data), **keywords)
        self._say_why_not_converted()
        for tool in PAINTING_TOOLS & self._overlays.keys():  # drawing even their absence costs 40 ms a layer
            self._overlays[tool].visible = False

    @property
    def _type_string(self) -> str:
        """What napari calls this kind of layer in menus, icons and writers."""
        return "labels"

    @property
    def data(self) -> Any:
        """Leaf ids (z, y, x), uint16, or at several resolutions."""
        return Labels.data.fget(self)

    @data.setter
    def data(self, leaves: Any) -> None:
        shared = napari_data(leaves)
        if shared is not self.data or not isinstance(shared, SharedLeaves):
            Labels.data.fset(self, shared)
            self._say_why_not_converted()

    @property
    def finest(self) -> Any:
        """Leaf ids (z, y, x), uint16, at full resolution."""
        return full_resolution(self)

    def replace_values(self, values: LazyArray | tuple[LazyArray, ...]) -> None:
        """Show other values on the same grid: the slice is read once, where setting `data` reads it twice."""
        shared = napari_data(values)
        self._data = SharedLevels(shared) if self.multiscale else shared
        self.refresh(thumbnail=False, highlight=False, extent=False)

    def _say_why_not_converted(self) -> None:
        if self.multiscale:
            self._data = SharedLevels(self._data)

    def _reset_data_level(self) -> None:
        """Stay at the resolution that is shown: napari would cut the part in view out of the coarsest one."""
        if not self.multiscale or self._data_level >= len(self._data):
            super()._reset_data_level()

    def _get_value(self, position: Any) -> Any:
        """The leaf at a place (z, y, x), at full resolution whatever is shown; None outside."""
        if not self.multiscale:
            return super()._get_value(position)
        z, y, x = (round(float(along)) for along in position)
        inside = all(0 <= along < size for along, size in zip((z, y, x), self.data.shape, strict=True))
        return np.asarray(self.finest[z, y, x])[()] if inside else None

    def _get_value_3d(self, start_point: Any, end_point: Any, dims_displayed: list[int]) -> Any:
        """The first leaf on a ray that can be seen, without the level it was found in."""
        return self._get_value_ray(start_point, end_point, dims_displayed)

    @property
    def table(self) -> LeafTable:
        """What is shown."""
        table: LeafTable = self.metadata[TABLE]
        return table

    def take_table(self, table: LeafTable) -> None:
        """Note another table; the selection stays with its leaf, whose region may be another one now."""
        self.metadata[TABLE] = table
        self._selected_label = table.region_of(self._selected_leaf)

    @property
    def shown_rows(self) -> npt.NDArray[np.float32]:
        """float32 (K+1, 4): RGBA of each leaf as it is drawn; of the selected region alone where that is asked for."""
        if not self._show_selected_label:
            return self.table.rows
        rows = self.table.rows.copy()
        rows[self.table.regions != self._selected_label, 3] = 0
        rows[1:, 3][(self.table.regions[1:] == self._selected_label) & (rows[1:, 3] == 0)] = 1  # not seen through
        return rows

    def select_leaf(self, leaf: int) -> None:
        """Select the region that a leaf belongs to."""
        self.selected_label = self.table.region_of(leaf)
        self._selected_leaf = leaf

    @property
    def selected_label(self) -> int:
        """Id of the selected region."""
        return int(self._selected_label)

    @selected_label.setter
    def selected_label(self, region: int) -> None:
        if region != self._selected_label:
            self._selected_leaf = self.table.leaf_of(region)
            Labels.selected_label.fset(self, region)
            if self._show_selected_label:
                self.colormap = leaf_colormap(self.shown_rows)

    @property
    def show_selected_label(self) -> bool:
        """Whether the selected region is shown alone."""
        return bool(self._show_selected_label)

    @show_selected_label.setter
    def show_selected_label(self, wanted: bool) -> None:
        self._show_selected_label = bool(wanted)
        self.colormap = leaf_colormap(self.shown_rows)
        self.events.show_selected_label(show_selected_label=self._show_selected_label)

    def get_color(self, region: int | None) -> npt.NDArray[np.float32] | None:
        """RGBA of a region, opaque where it is seen through; None outside, clear where there is no such region."""
        if not region:
            return None
        leaf = self.table.leaf_of(region)
        if not leaf:
            return np.array(HIDDEN, dtype=np.float32)
        red, green, blue, alpha = self.table.rows[leaf]
        return np.array([red, green, blue, alpha or 1], dtype=np.float32)

    def new_colormap(self, seed: int | None = None) -> None:
        """Say why colours stay: a colormap of random colours would no longer show regions."""
        show_info(COLOURS_ARE_KEPT)

    @property
    def features(self) -> "pd.DataFrame":
        """One row per region, its id in the column ``index``."""
        table = self.metadata.get(TABLE)
        if table is not self._features_table and table is not None:
            self._feature_table.set_values(table.columns)
            self._label_index = self._make_label_index()
            self._features_table = table
        return self._feature_table.values

    @features.setter
    def features(self, features: Any) -> None:
        self._features_table = self.table  # they are about these regions, and go with them
        Labels.features.fset(self, features)

    @property
    def properties(self) -> dict[str, npt.NDArray[Any]]:
        """The features as arrays."""
        return {name: np.asarray(values) for name, values in self.features.items()}

    @properties.setter
    def properties(self, properties: Any) -> None:
        self.features = properties

    def _reset_editable(self) -> None:
        """Stay locked: napari makes labels editable whenever they get other data."""
        self.editable = False

    def _on_editable_changed(self) -> None:
        self._editable = False
        super()._on_editable_changed()

    def _mode_setter_helper(self, mode_in: Any) -> Any:
        """Regions can be picked; the brush is for structures, where somebody takes its strokes."""
        mode = self._modeclass(mode_in)
        brush = mode in (Mode.PAINT, Mode.ERASE) and self.on_stroke is not None
        self._editable = mode is Mode.PICK or brush
        try:
            return super()._mode_setter_helper(mode_in)
        finally:
            self._editable = False

    def _calculate_contour(self, labels: Any, data_slice: Any) -> Any:
        """Outlines of regions, each in the colour of its leaves; None where labels are drawn as areas."""
        if self.contour < 1:
            return None
        outlines = super()._calculate_contour(self.table.regions_of(labels), data_slice)
        return None if outlines is None else np.where(outlines > 0, labels[data_slice], labels.dtype.type(0))

    def _calculate_value_from_ray(self, values: Any) -> Any:
        """The first leaf on a ray that can be seen."""
        rows = self.shown_rows
        seen = np.flatnonzero(rows[np.where(values < len(rows), values, 0), 3])
        return values[seen[0]] if len(seen) else None

    def _get_properties(self, position: Any, **keywords: Any) -> list[str]:
        """No more in the tooltip than the region, which `_get_tooltip_text` tells."""
        return []

    def _get_tooltip_text(self, position: Any, **keywords: Any) -> str:
        leaf = self.get_value(position, **keywords)
        return "" if leaf is None else self.table.describe(int(leaf))

    def get_status(self, position: Any = None, **keywords: Any) -> dict[str, str]:
        """What the status bar says of a place: the region there, not the leaf.

        napari's own version looks the leaf up in the features, and in 3D it fails before the mouse has moved.
        """
        status: dict[str, str] = super(Labels, self).get_status(position, **keywords)
        leaf = status["value"]
        if leaf.isdigit():
            region = self.table.describe(int(leaf))
            status["value"] = region
            status["coordinates"] = status["coordinates"].removesuffix(leaf) + region
        return status

    def as_layer_data_tuple(self) -> tuple[Any, dict[str, Any], str]:
        """Region ids with names and colours by region, as a plain labels layer."""
        _, state, kind = super().as_layer_data_tuple()
        table = self.table
        colours: dict[int | None, Rgba] = {0: HIDDEN, None: HIDDEN}
        colours.update(dict(table.region_colours.items()))
        state.pop("properties", None)
        return (
            RegionArray(self.finest, np.asarray(table.regions)),
            {
                **state,
                "multiscale": False,
                "metadata": {key: value for key, value in self.metadata.items() if key != TABLE},
                "features": {"index": list(table.names), "name": list(table.names.values())},
                "colormap": DirectLabelColormap(color_dict=colours),
            },
            kind,
        )


def follows_slider(layer: Any) -> bool:
    """Whether a layer shows the regions of the slider, and structures, of a project."""
    return isinstance(layer, LeafLabels) and SPECIMEN in layer.metadata and layer.metadata.get(LEVEL) is None


def leaf_labels(
    leaves: LazyArray | tuple[LazyArray, ...],
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
        Leaf ids (z, y, x), uint16, 0 outside; shared, never copied. A tuple of them holds levels, the finest first.
    table
        Colours and regions of the leaves.
    voxel_size, unit, origin
        As in `Volume`.
    metadata
        More for the layer's metadata, under the keys of `metadata_keys`.
    """
    return LeafLabels(
        leaves,
        name=name,
        multiscale=isinstance(leaves, tuple) and len(leaves) > 1,
        colormap=leaf_colormap(table.rows),
        rendering="translucent",  # iso_categorical shades by leaf ids: dark seams inside regions
        metadata={**(metadata or {}), TABLE: table},
        visible=visible,
        **placement_keywords(voxel_size, unit, origin),
    )


def leaf_colormap(rows: npt.NDArray[np.float32]) -> CyclicLabelColormap:
    """A colormap of its own for RGBA rows (K+1, 4)."""
    return CyclicLabelColormap(colors=rows.copy(), background_value=0)
