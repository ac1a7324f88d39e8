"""Two levels or two segmentations under a curtain: what is seen behind it, and at which level.

Both sides are layers over the same leaves with a table each, so that walking the one does not touch the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from napari.components import ViewerModel
from napari.layers import Labels, Layer
from qtpy.QtCore import QObject, Signal

from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._napari.layer_sync import set_table
from napari_hypseg._napari.leaf_labels import LeafLabels
from napari_hypseg._napari.metadata_keys import COMPARED, MEASURED, SPECIMEN
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._napari.project_layers import leaf_layer, pictured_leaves
from napari_hypseg._qt.layers.curtain import Curtain
from napari_hypseg._qt.layers.label_layers import LabelLayers
from napari_hypseg._qt.layers.layer_events import LayerEvents
from napari_hypseg._qt.layers.project_view import ProjectView
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.hierarchy.cuts import Cut, cut_at
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.structure_arrays import shown_levels
from napari_hypseg.volumes.volume import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.records import Level, Segmentation

NOTHING = "nothing"
LEVEL_KEY = "level "
NAME = "behind the curtain"


@dataclass(frozen=True, eq=False)
class ComparedRegions:
    """Regions over leaves, in all specimens.

    Parameters
    ----------
    leaves
        What is shown of each specimen through a table, at one resolution or several.
    tree, cut
        The regions.
    annotation
        Structures among them, None for none.
    adjustable
        Whether they have a slider of their own.
    """

    leaves: tuple[tuple[LazyArray, ...], ...]
    tree: Hierarchy
    cut: Cut
    annotation: Annotation | None = None
    adjustable: bool = False


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is seen behind the curtain: regions, a layer that is there already, or the volume alone.

    Parameters
    ----------
    title
        In a few words.
    """

    title: str
    regions: ComparedRegions | None = None
    layer: Layer | None = None


@dataclass(frozen=True)
class Option:
    """Something to be compared with: what it is known by, its name, and what makes it."""

    key: str
    text: str
    make: Callable[[], Comparison]


class CompareController(QObject):
    """Shows something else behind a curtain across the picture.

    Signals
    -------
    changed
        Something else is seen behind it, or can be.
    """

    changed = Signal()

    def __init__(
        self, viewer: ViewerModel, model: WindowModel, view: ProjectView, events: LayerEvents, labels: LabelLayers,
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._viewer, self._model, self._view, self._labels = viewer, model, view, labels
        self.key, self.comparison = NOTHING, Comparison("")
        self._was_visible = True
        self.curtain = Curtain(viewer, self.layers_before, self.layers_behind, self)
        model.project_changing.connect(self.end)
        model.project_changed.connect(self.end)
        events.layers_changed.connect(self._follow_layers)
        model.levels_changed.connect(self._follow_layers)
        model.opacity_changed.connect(self._show_tables)
        for changed in (model.cut_changed, model.structures_changed, model.visibility_changed):
            changed.connect(self._caption)

    def options(self) -> list[Option]:
        """What may be compared with now; nothing first."""
        project, model = self._model.project, self._model
        made = [Option(NOTHING, NOTHING, partial(Comparison, ""))]
        if project is None or model.tree is None or project.segmentation is None:
            return made
        trees = project.hierarchies
        for name, tree in trees.items():
            text = f"regions by {name}" if len(trees) > 1 else "another number of regions"
            made.append(Option(f"tree {name}", text, partial(self._other_level, project, tree)))
        made.append(Option("shown", "what is shown now, pinned", partial(self._pinned, project)))
        made.append(Option("volume", "the volume alone", partial(Comparison, "volume alone")))
        for level in model.levels:
            made.append(Option(LEVEL_KEY + level.name, f"level: {level.name}", partial(self._kept, project, level)))
        for name, layer in [*self._labels.named(), *self._others(project)]:
            made.append(Option(f"layer {id(layer)}", f"layer: {name}", partial(Comparison, name, layer=layer)))
        return made

    def choose(self, key: str) -> None:
        """Show what is known by `key` behind the curtain, in place of what is there.

        Raises
        ------
        HypsegError
            If a segmentation cannot be read.
        """
        option = next(one for one in self.options() if one.key == key)
        comparison = option.make()
        self._remove()
        self.key, self.comparison = option.key, comparison
        if option.key != NOTHING:
            self._add()
            self._caption()
        self.changed.emit()

    def end(self) -> None:
        """Compare with nothing any more."""
        if self.key != NOTHING:
            self.choose(NOTHING)
        else:
            self.changed.emit()

    @property
    def n_regions(self) -> int | None:
        """How many regions are behind the curtain, None where they have no slider of their own."""
        regions = self.comparison.regions
        return regions.cut.n_regions if regions is not None and regions.adjustable else None

    def set_regions(self, n_regions: int) -> None:
        """Move the slider of what is behind the curtain."""
        regions = self.comparison.regions
        if regions is None or not regions.adjustable:
            return
        regions = replace(regions, cut=cut_at(regions.tree, n_regions))
        self.comparison = replace(self.comparison, title=self._count(regions.cut), regions=regions)
        self._show_tables()
        self._caption()

    def layers_before(self) -> list[Layer]:
        """The layers that the curtain covers: regions, and the pieces that were measured of what is in them."""
        behind = self.layers_behind()
        pieces = [layer for layer in self._viewer.layers if isinstance(layer, Labels) and MEASURED in layer.metadata]
        return [*self._view.leaf_layers(), *(layer for layer in pieces if layer not in behind)]

    def layers_behind(self) -> list[Layer]:
        """The layers that are seen behind the curtain."""
        layer = self.comparison.layer
        return [layer] if layer is not None else list(self._made())

    def _made(self) -> list[LeafLabels]:
        return [layer for layer in self._viewer.layers if COMPARED in layer.metadata]

    def _other_level(self, project: "Project", tree: Hierarchy) -> Comparison:
        n_regions = min(2 * project.n_regions, tree.n_leaves)
        regions = ComparedRegions(
            _pictured(project, project.segmentation), tree, cut_at(tree, n_regions), adjustable=True
        )
        return Comparison(self._count(regions.cut), regions)

    def _pinned(self, project: "Project") -> Comparison:
        tree, cut, annotation = self._model.tree, self._model.cut, self._model.annotation
        assert tree is not None
        assert cut is not None
        assert annotation is not None
        pictured = enumerate(_pictured(project, project.segmentation))
        leaves = tuple(shown_levels(levels, annotation, specimen) for specimen, levels in pictured)
        return Comparison(f"pinned, {self._count(cut)}", ComparedRegions(leaves, tree, cut, annotation))

    def _kept(self, project: "Project", level: "Level") -> Comparison:
        segmentation = project.segmentation_of(level)
        leaves = _pictured(project, segmentation)
        return Comparison(level.name, ComparedRegions(leaves, segmentation.tree(level.tree), level.cut))

    def _others(self, project: "Project") -> Sequence[tuple[str, Layer]]:
        """Regions of other projects."""
        layers = [layer for layer in self._viewer.layers if isinstance(layer, LeafLabels)]
        return [(layer.name, layer) for layer in layers if project_of(layer) not in (None, project.path)]

    def _add(self) -> None:
        project, regions, layer = self._model.project, self.comparison.regions, self.comparison.layer
        if layer is not None:
            self._was_visible, layer.visible = layer.visible, True
        if project is None or regions is None:
            return
        table = self._model.table_of(regions.tree, regions.cut, regions.annotation)
        others = {one.metadata[SPECIMEN]: one for one in self._view.regions()}
        for specimen, leaves in enumerate(regions.leaves):
            other = others.get(specimen)
            made = leaf_layer(project, leaves, table, specimen, NAME, visible=other is not None and other.visible)
            made.metadata[COMPARED] = True
            if other is not None:
                made.opacity, made.blending, made.contour = other.opacity, other.blending, other.contour
            add_unselected(self._viewer, made)

    def _remove(self) -> None:
        layer = self.comparison.layer
        self.key, self.comparison = NOTHING, Comparison("")  # before the layers tell that they have gone
        self.curtain.close()
        if layer is not None and layer in self._viewer.layers:
            layer.visible = self._was_visible
        for made in self._made():
            self._viewer.layers.remove(made)

    def _show_tables(self) -> None:
        regions = self.comparison.regions
        if regions is not None:
            table = self._model.table_of(regions.tree, regions.cut, regions.annotation)
            for layer in self._made():
                set_table(self._viewer, layer, table)

    def _caption(self) -> None:
        if self.key == NOTHING:
            return
        cut, levels = self._model.cut, sorted(name for name in self._model.visible_levels if name is not None)
        before = self._count(cut) if cut is not None and None in self._model.visible_levels else ", ".join(levels)
        self.curtain.open(before, self.comparison.title)

    def _follow_layers(self) -> None:
        """Compare with nothing once what was compared with has gone."""
        regions, layer = self.comparison.regions, self.comparison.layer
        gone = (regions is not None and not self._made()) or (layer is not None and layer not in self._viewer.layers)
        levels = {LEVEL_KEY + level.name for level in self._model.levels}
        if gone or (self.key.startswith(LEVEL_KEY) and self.key not in levels):
            self.end()
        else:
            self.changed.emit()

    def _count(self, cut: Cut) -> str:
        """A cut in words, with its tree where there are several."""
        project = self._model.project
        several = project is not None and len(project.hierarchies) > 1
        return f"{cut.n_regions} regions" + (f" by {cut.tree}" if several else "")


def _pictured(project: "Project", segmentation: "Segmentation | None") -> tuple[tuple[LazyArray, ...], ...]:
    """The leaves of all specimens."""
    return tuple(pictured_leaves(project, segmentation, specimen) for specimen in range(len(project.records)))
