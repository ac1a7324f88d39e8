"""A project in a viewer: the layers the slider moves and those of the kept levels, kept in step with the project."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Labels, Layer

from napari_hypseg._napari.add_layer import add_unselected
from napari_hypseg._napari.layer_sync import refresh_details, set_table
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._napari.metadata_keys import LEVEL, PICTURE, PROJECT, SPECIMEN, TABLE
from napari_hypseg._napari.project_layers import leaf_layer, level_layer, slider_layer
from napari_hypseg._qt.jobs.tasks import Steps
from napari_hypseg._qt.layers.adding import adding
from napari_hypseg._qt.layers.preview import PreviewVolume, preview_table
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.tree import Hierarchy

if TYPE_CHECKING:
    from napari_hypseg.pipeline import Preview
    from napari_hypseg.project.project import Project

PREVIEW = " (preview)"

SEEN_SHARE = 0.05
"""Share of the volume that what is shown in 3D may fill: more of it hides what lies within."""


class ProjectView:
    """Finds, adds and changes the layers that show one project."""

    def __init__(self, viewer: ViewerModel, project: "Project") -> None:
        self._viewer = viewer
        self._project = project
        self._settled = True
        self._see_through = True
        self._preview_table = preview_table()
        viewer.dims.events.ndisplay.connect(self.refresh)
        for layer in self.regions():
            layer.events.visible.connect(self.step)

    def regions(self) -> list[Labels]:
        """The layers the slider moves."""
        return self._leaf_layers(None)

    def level(self, name: str) -> list[Labels]:
        """The layers of a kept level."""
        return self._leaf_layers(name)

    def show_segmentation(self) -> Steps:
        """Show a new segmentation, where there are layers in those: adding and removing layers makes napari stutter."""
        segmentation = self._project.segmentation
        if segmentation is None:
            return
        there = self._by_specimen()
        for specimen, leaves in enumerate(segmentation.leaves):
            if specimen in there:
                there[specimen].data = leaves
                there[specimen].name = there[specimen].name.removesuffix(PREVIEW)
            else:
                yield from self._adding(slider_layer(self._project, specimen))
        self.step()

    def begin_preview(self) -> Steps:
        """Show layers in which nothing is to be seen yet."""
        there = self._by_specimen()
        for specimen, record in enumerate(self._project.records):
            if specimen not in there:
                blank = PreviewVolume(record.shape)
                yield from self._adding(
                    leaf_layer(self._project, blank, self._preview_table, specimen, None, visible=specimen == 0)
                )
        self.show_only(None)

    def show_preview(self, preview: "Preview") -> None:
        """Show the regions of one slice, so far."""
        layer = self._by_specimen().get(preview.view.specimen)
        if layer is not None:
            layer.data = PreviewVolume(self._project.records[preview.view.specimen].shape, preview)
            layer.name = layer.name.removesuffix(PREVIEW) + PREVIEW
            set_table(self._viewer, layer, self._preview_table)

    def end_preview(self) -> Steps:
        """Go back to the segmentation there is, or to no layer."""
        if self._project.segmentation is not None:
            yield from self.show_segmentation()
            return
        for layer in self.regions():
            self._viewer.layers.remove(layer)
            yield None

    def step(self, event: Any = None) -> None:
        """Show the cut the slider stands at; a hidden layer follows when it is shown."""
        if self._project.hierarchy is None:
            return
        table = self._table(self._project.hierarchy, self._project.cut())
        for layer in self.regions():
            if layer.visible:
                set_table(self._viewer, layer, table)
        self._settled = False

    def see_through(self, wanted: bool) -> None:
        """Leave the largest regions of each level out of the picture in 3D, where they would hide all others."""
        self._see_through = wanted
        self.refresh()

    def refresh(self, event: Any = None) -> None:
        """Colour all layers of the project anew, for instance because the picture has become 3D."""
        self.step()
        for level in self._project.levels:
            table = self._table(self._project.segmentation_of(level).hierarchy, Cut(level.nodes))
            for layer in self.level(level.name):
                set_table(self._viewer, layer, table)

    def refresh_details(self) -> None:
        """Bring up to date what did not follow the hand."""
        if not self._settled:
            for layer in self.regions():
                refresh_details(layer)
        self._settled = True

    def add_level(self, name: str) -> None:
        """Add the layers of a kept level, hidden, where they are missing; what is selected stays selected."""
        there = {layer.metadata[SPECIMEN] for layer in self.level(name)}
        for specimen in range(len(self._project.records)):
            if specimen not in there:
                level = self._project.level(name)
                add_unselected(self._viewer, level_layer(self._project, level, specimen, visible=False))
        self.refresh()

    def show_only(self, level: str | None) -> None:
        """Show a kept level, or for None the slider's regions, in place of all others of the project."""
        layers = [layer for layer in self._viewer.layers if self._is_leaf_layer(layer)]
        specimens = {layer.metadata[SPECIMEN] for layer in layers if layer.visible} or {0}
        for layer in layers:
            layer.visible = layer.metadata.get(LEVEL) == level and layer.metadata[SPECIMEN] in specimens
            if layer.visible:
                self._viewer.layers.selection.active = layer

    @property
    def follows_slider(self) -> bool:
        """Whether the slider's regions are in the picture."""
        return any(layer.visible for layer in self.regions())

    def resize_voxels(self, specimen: int) -> None:
        """Bring a specimen's layers to the voxel size of its record."""
        record = self._project.records[specimen]
        for layer in self._viewer.layers:
            shows = self._is_leaf_layer(layer) or (
                PICTURE in layer.metadata and project_of(layer) == self._project.path
            )
            if shows and layer.metadata[SPECIMEN] == specimen:
                layer.scale, layer.units = record.voxel_size, (record.unit,) * 3

    def rename_level(self, old: str, new: str) -> None:
        """Carry a level's new name over to its layers."""
        for layer in self.level(old):
            layer.metadata[LEVEL] = new
            layer.name = new + layer.name.removeprefix(old)

    def remove_level(self, name: str) -> None:
        """Take the layers of a level away."""
        for layer in self.level(name):
            self._viewer.layers.remove(layer)

    def _table(self, tree: Hierarchy, cut: Cut) -> LeafTable:
        see_through = self._see_through and self._viewer.dims.ndisplay == 3
        return LeafTable.of(tree, cut, occluding_regions(tree, cut) if see_through else frozenset())

    def _by_specimen(self) -> dict[int, Labels]:
        return {layer.metadata[SPECIMEN]: layer for layer in self.regions()}

    def _adding(self, layer: Labels) -> Steps:
        yield from adding(self._viewer, [layer])
        layer.events.visible.connect(self.step)

    def _leaf_layers(self, level: str | None) -> list[Labels]:
        return [la for la in self._viewer.layers if self._is_leaf_layer(la) and la.metadata.get(LEVEL) == level]

    def _is_leaf_layer(self, layer: Layer) -> bool:
        return TABLE in layer.metadata and project_of(layer) == self._project.path


def project_of(layer: Layer) -> Path | None:
    """The folder of the project a layer belongs to, None for any other layer."""
    path = layer.metadata.get(PROJECT)
    return None if path is None else Path(path)


def occluding_regions(tree: Hierarchy, cut: Cut) -> frozenset[int]:
    """The largest regions of a cut, as many as it takes for the rest to fill no more than `SEEN_SHARE`; never all."""
    nodes = sorted(cut.nodes, key=lambda node: -int(tree.sizes[node]))
    left = sum(int(tree.sizes[node]) for node in nodes)
    most, hidden = SEEN_SHARE * left, []
    for node in nodes[:-1]:
        if left <= most:
            break
        hidden.append(node)
        left -= int(tree.sizes[node])
    return frozenset(hidden)
