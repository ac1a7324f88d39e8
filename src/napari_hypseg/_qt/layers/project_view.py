"""A project in a viewer: the layers the slider moves and those of the kept levels, which follow the model."""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from napari.components import ViewerModel
from napari.layers import Labels, Layer

from napari_hypseg._napari.hatched_array import hatched_levels
from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._napari.layer_sync import refresh_details, set_table
from napari_hypseg._napari.metadata_keys import COMPARED, LEVEL, MEASURED, PICTURE, SPECIMEN, SURFACE, TABLE
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._napari.project_layers import (
    leaf_layer,
    level_layer,
    pictured_leaves,
    shown_leaves,
    slider_layer,
)
from napari_hypseg._qt.jobs.tasks import Steps
from napari_hypseg._qt.layers.add_layers import add_layers
from napari_hypseg._qt.layers.preview import preview_levels, preview_table
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.structures.painting import Painting
from napari_hypseg.structures.structure_arrays import shown_levels

if TYPE_CHECKING:
    from napari_hypseg.pipeline import Preview
    from napari_hypseg.project.records import Level

PREVIEW = " (preview)"


class ProjectView:
    """Finds, adds and changes the layers that show the project of `model`."""

    def __init__(self, viewer: ViewerModel, model: WindowModel) -> None:
        self._viewer, self._model = viewer, model
        self._preview_table = preview_table()
        self._levels: Sequence[Level] = ()
        self._outdated = False
        self._shown: tuple[Painting | None, npt.NDArray[np.bool_] | None] = (None, None)
        """Painting and suggestion that the layers show."""
        viewer.dims.events.ndisplay.connect(self._follow_dims)
        viewer.layers.events.connect(self._follow_layers)
        model.in_3d = viewer.dims.ndisplay == 3
        model.project_changed.connect(self._take_project)
        model.cut_changed.connect(self.show_cut)
        model.structures_changed.connect(self._show_structures)
        model.stroke_changed.connect(self._show_structures)
        model.suggestion_changed.connect(self._show_structures)
        model.selection_changed.connect(self.show_cut)
        model.levels_changed.connect(self._follow_levels)
        model.specimens_changed.connect(self._place_layers)
        model.opacity_changed.connect(self._show_all_cuts)

    def disconnect(self) -> None:
        """Let the viewer go."""
        self._viewer.dims.events.ndisplay.disconnect(self._follow_dims)
        self._viewer.layers.events.disconnect(self._follow_layers)

    def regions(self) -> list[Labels]:
        """The layers the slider moves."""
        return self.level(None)

    def leaf_layers(self) -> list[Labels]:
        """The layers of the slider and of all levels."""
        layers = [layer for layer in self._viewer.layers if TABLE in layer.metadata and self._is_of_project(layer)]
        return [layer for layer in layers if COMPARED not in layer.metadata]

    def level(self, name: str | None) -> list[Labels]:
        """The layers of a kept level, or for None those the slider moves."""
        return [layer for layer in self.leaf_layers() if layer.metadata.get(LEVEL) == name]

    def show_segmentation(self) -> Steps:
        """Show a new segmentation, where there are layers in those: adding and removing layers makes napari stutter."""
        project = self._model.project
        if project is None or project.segmentation is None:
            return
        there = self._by_specimen()
        for specimen in range(len(project.segmentation.leaves)):
            if specimen in there:
                there[specimen].data = shown_leaves(project, specimen)
                there[specimen].name = there[specimen].name.removesuffix(PREVIEW)
            else:
                yield from add_layers(self._viewer, [slider_layer(project, specimen, self._model.table)])
        self.show_cut()

    def begin_preview(self) -> Steps:
        """Show layers in which nothing is to be seen yet."""
        there, project = self._by_specimen(), self._model.project
        for specimen, record in enumerate(project.records if project is not None else ()):
            if specimen not in there and project is not None:
                blank, visible = preview_levels(record), specimen == 0
                layer = leaf_layer(project, blank, self._preview_table, specimen, None, visible=visible)
                yield from add_layers(self._viewer, [layer])
        self.show_only(None)

    def show_preview(self, preview: "Preview") -> None:
        """Show the regions of one slice, so far."""
        layer, project = self._by_specimen().get(preview.view.specimen), self._model.project
        if layer is not None and project is not None:
            layer.data = preview_levels(project.records[preview.view.specimen], preview)
            layer.name = layer.name.removesuffix(PREVIEW) + PREVIEW
            set_table(self._viewer, layer, self._preview_table)

    def end_preview(self) -> Steps:
        """Go back to the segmentation there is, or to no layer."""
        if self._model.tree is not None:
            yield from self.show_segmentation()
            return
        for layer in self.regions():
            self._viewer.layers.remove(layer)
            yield None

    def show_cut(self) -> None:
        """Show the cut the slider stands at; a hidden layer follows when it is shown."""
        table = self._model.table
        for layer in self.regions() if table is not None else ():
            if layer.visible and table is not None:
                set_table(self._viewer, layer, table)
        self._outdated = True

    def refresh_details(self) -> None:
        """Bring up to date what did not follow the hand: thumbnails, tables of features."""
        if self._outdated:
            for layer in self.regions():
                refresh_details(layer)
        self._outdated = False

    def _show_structures(self) -> None:
        """Show structures as they are now; voxels are read again only where the brush or stripes were."""
        project, annotation = self._model.project, self._model.annotation
        shown = (annotation.painting if annotation is not None else None, self._model.suggestion)
        if project is not None and annotation is not None and not _same(shown, self._shown):
            for specimen, layer in self._by_specimen().items():
                layer.metadata[TABLE] = self._model.table
                levels = shown_levels(pictured_leaves(project, project.segmentation, specimen), annotation, specimen)
                layer.replace_values(levels if shown[1] is None else hatched_levels(levels, shown[1]))
        self._shown = shown
        self.show_cut()

    def add_level(self, level: "Level") -> None:
        """Add the layers of a kept level, hidden, where they are missing; what is selected stays selected."""
        project = self._model.project
        there = {layer.metadata[SPECIMEN] for layer in self.level(level.name)}
        for specimen in range(len(project.records) if project is not None else 0):
            if specimen not in there and project is not None:
                add_unselected(self._viewer, level_layer(project, level, specimen, visible=False))
        self._show_level(level)

    def show_only(self, level: str | None) -> None:
        """Show a kept level, or for None the slider's regions, in place of all others of the project."""
        layers = self.leaf_layers()
        specimens = {layer.metadata[SPECIMEN] for layer in layers if layer.visible} or {0}
        for layer in layers:
            layer.visible = layer.metadata.get(LEVEL) == level and layer.metadata[SPECIMEN] in specimens
            if layer.visible:
                self._viewer.layers.selection.active = layer

    def _follow_dims(self, event: Any = None) -> None:
        self._model.in_3d = self._viewer.dims.ndisplay == 3

    def _follow_layers(self, event: Any) -> None:
        if event.type not in ("inserted", "removed", "visible"):
            return
        if event.type == "visible":
            self.show_cut()
        self._note_visible()

    def _note_visible(self) -> None:
        self._model.visible_levels = frozenset(la.metadata.get(LEVEL) for la in self.leaf_layers() if la.visible)

    def _take_project(self) -> None:
        self._levels = self._model.levels
        self._shown = (self._model.annotation.painting if self._model.annotation is not None else None, None)
        self._note_visible()
        if self._model.in_3d:
            self._show_all_cuts()

    def _follow_levels(self) -> None:
        """Bring the layers in step with levels that were kept, renamed or removed."""
        before, self._levels = self._levels, self._model.levels
        if len(before) == len(self._levels):
            for old, new in zip(before, self._levels, strict=True):
                self._rename_level(old.name, new.name)
            return
        names = {level.name for level in before} ^ {level.name for level in self._levels}
        for level in self._levels:
            if level.name in names:
                self.add_level(level)
        for name in names - {level.name for level in self._levels}:
            for layer in self.level(name):
                self._viewer.layers.remove(layer)

    def _rename_level(self, old: str, new: str) -> None:
        for layer in self.level(old) if old != new else ():
            layer.metadata[LEVEL] = new
            layer.name = new + layer.name.removeprefix(old)

    def _place_layers(self) -> None:
        """Bring the layers to the voxel sizes of the records."""
        project = self._model.project
        records = project.records if project is not None else ()
        for layer, (number, record) in product(list(self._viewer.layers), enumerate(records)):
            ours = {TABLE, PICTURE, MEASURED, SURFACE} & layer.metadata.keys() and self._is_of_project(layer)
            if ours and layer.metadata[SPECIMEN] == number:
                layer.scale, layer.units = record.voxel_size, (record.unit,) * 3

    def _show_all_cuts(self) -> None:
        self.show_cut()
        for level in self._model.levels:
            self._show_level(level)

    def _show_level(self, level: "Level") -> None:
        layers, project = self.level(level.name), self._model.project
        if layers and project is not None:
            table = self._model.table_of(project.segmentation_of(level).tree(level.tree), level.cut)
            for layer in layers:
                set_table(self._viewer, layer, table)

    def _by_specimen(self) -> dict[int, Labels]:
        return {layer.metadata[SPECIMEN]: layer for layer in self.regions()}

    def _is_of_project(self, layer: Layer) -> bool:
        return self._model.project is not None and project_of(layer) == self._model.project.path


def _same(shown: tuple[object, object], before: tuple[object, object]) -> bool:
    return all(now is then for now, then in zip(shown, before, strict=True))
