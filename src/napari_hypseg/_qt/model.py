"""What the window shows: the project at hand, the cut the slider stands at, and how regions are to be seen.

The one evented model of the window; it knows neither Qt nor napari. Controllers change it or the project, views
subscribe to it. What changes the project while it waits for the disk, on a thread, is announced with `changes_held`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from psygnal import Signal

from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.selection import Selection
from napari_hypseg.structures.structure import Structure

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.project_structures import ProjectStructures
    from napari_hypseg.project.records import Level

OPAQUE_SHARE = 0.05
"""Share of the volume that what is shown in 3D may fill: more of it hides what lies within."""


class WindowModel:
    """The state of the window, with an event for each part of it.

    Events
    ------
    project_changing
        Another project is about to take the place of the one at hand.
    project_changed
        Another project is at hand, or the one at hand has been trained or segmented.
    specimens_changed
        A record of a specimen, its voxel size for instance, has changed.
    tree_changed
        Another tree is cut; `cut_changed` follows.
    cut_changed
        The slider has moved, or what it cuts.
    structures_changed
        An edit of structures or regions was done, undone or redone.
    stroke_changed
        A stroke of the brush is under way, or over.
    suggestion_changed
        Other leaves are suggested for what is selected.
    selection_changed
        Other leaves are selected, or another structure is the active one.
    levels_changed
        A level was kept, renamed or removed.
    opacity_changed
        Other regions are to be seen through than before.
    visibility_changed
        Layers of regions were shown or hidden.
    """

    project_changing = Signal()
    project_changed = Signal()
    specimens_changed = Signal()
    tree_changed = Signal()
    cut_changed = Signal()
    structures_changed = Signal()
    stroke_changed = Signal()
    suggestion_changed = Signal()
    selection_changed = Signal()
    levels_changed = Signal()
    opacity_changed = Signal()
    visibility_changed = Signal()

    def __init__(self) -> None:
        self._project: Project | None = None
        self._cut: Cut | None = None
        self._table: LeafTable | None = None
        self._selection: Selection | None = None
        self._active: int | None = None
        self._stroke: Annotation | None = None
        self._suggestion: npt.NDArray[np.bool_] | None = None
        self._see_through, self._in_3d = True, False
        self._visible_levels: frozenset[str | None] = frozenset()

    @property
    def project(self) -> "Project | None":
        """The project at hand, None before the first and after one was closed."""
        return self._project

    @project.setter
    def project(self, project: "Project | None") -> None:
        self.project_changing.emit()
        if self._project is not None:
            self._project.changed.disconnect(self._on_project)
        self._project = project
        if project is not None:
            project.changed.connect(self._on_project)
        self._forget_regions()
        self.project_changed.emit()

    def forget_views(self) -> None:
        """Tell nobody of changes any more, for when the window has closed and its widgets are gone."""
        for event in (getattr(self, name) for name, kind in vars(type(self)).items() if isinstance(kind, Signal)):
            event.disconnect()

    @contextmanager
    def changes_held(self) -> Iterator[None]:
        """Announce what changes the project inside when the block is left; of several changes the last."""
        if self._project is None:
            yield
            return
        with self._project.changed.paused(lambda _, last: last):
            yield

    @property
    def locked(self) -> str | None:
        """Why the project at hand cannot be changed, None if it can or there is none."""
        return None if self._project is None else self._project.access.refusal or None

    @property
    def tree(self) -> Hierarchy | None:
        """The tree that the slider cuts, None before there are regions."""
        return None if self._project is None else self._project.hierarchy

    @property
    def trees(self) -> Mapping[str, Hierarchy]:
        """All trees over the leaves of the project at hand, by name; none before there are regions."""
        return {} if self._project is None else self._project.hierarchies

    @property
    def from_filters(self) -> bool:
        """Whether the regions come from filters alone, before anything was learned."""
        made = None if self._project is None else self._project.segmentation
        return made is not None and made.from_filters

    @property
    def levels(self) -> "tuple[Level, ...]":
        """The kept levels."""
        return () if self._project is None else self._project.levels

    @property
    def cut(self) -> Cut | None:
        """The cut the slider stands at, computed once for each step; None before there are regions."""
        if self._cut is None and self._project is not None and self.tree is not None:
            self._cut = self._project.cut()
        return self._cut

    @property
    def table(self) -> LeafTable | None:
        """Colours and names of the cut, computed once for each step; None before there are regions."""
        if self._table is None and self.tree is not None and self.cut is not None:
            table = LeafTable.of(
                self.tree, self.cut, self._hidden(self.tree, self.cut), self.annotation, self.selected_leaves
            )
            if self._suggestion is not None and self.active is not None:
                table = table.coloured(self._suggestion, self.active.colour)
            self._table = table
        return self._table

    @property
    def structures(self) -> "ProjectStructures | None":
        """The structures of the project at hand and their history, None before there are regions."""
        return None if self._project is None else self._project.structures

    @property
    def annotation(self) -> Annotation | None:
        """Structures and corrections as they are shown now, None before there are regions."""
        if self._stroke is not None:
            return self._stroke
        return None if self.structures is None else self.structures.annotation

    def show_stroke(self, annotation: Annotation | None) -> None:
        """Show what a stroke of the brush would lead to, None once it is over."""
        self._stroke, self._table = annotation, None
        self.stroke_changed.emit()

    @property
    def active(self) -> Structure | None:
        """The structure that clicks add to and take from."""
        return None if self.annotation is None or self._active is None else self.annotation.structures.get(self._active)

    @property
    def selection(self) -> Selection | None:
        """What is selected by clicks, None for nothing."""
        return self._selection

    def select(self, selection: Selection | None, active: int | None) -> None:
        """Select leaves, and make a structure (by its id) the active one; nothing is suggested any more."""
        self.suggest(None)
        self._selection, self._active, self._table = selection, active, None
        self.selection_changed.emit()

    @property
    def suggestion(self) -> npt.NDArray[np.bool_] | None:
        """Leaves (bool, K) that are suggested for what is selected, None for nothing."""
        return self._suggestion

    def suggest(self, leaves: npt.NDArray[np.bool_] | None) -> None:
        """Suggest leaves (bool, K), None for nothing."""
        if leaves is not None or self._suggestion is not None:
            self._suggestion, self._table = leaves, None
            self.suggestion_changed.emit()

    @property
    def selected_leaves(self) -> npt.NDArray[np.bool_] | None:
        """Leaves (bool, K) that stand out, None for no difference: what is chosen and suggested."""
        chosen = self.chosen_leaves
        return chosen if chosen is None or self._suggestion is None else chosen | self._suggestion

    @property
    def chosen_leaves(self) -> npt.NDArray[np.bool_] | None:
        """The leaves that are selected, else those of the active structure, without what is suggested."""
        if self._selection is not None and self.tree is not None:
            return self._selection.leaves(self.trees)
        if self.active is not None and self.annotation is not None:
            return self.annotation.leaves(self.active.id)
        return None

    def table_of(self, tree: Hierarchy, cut: Cut, annotation: Annotation | None = None) -> LeafTable:
        """Colours and names of any cut, with structures if given, seen through as the model says."""
        return LeafTable.of(tree, cut, self._hidden(tree, cut), annotation)

    def _hidden(self, tree: Hierarchy, cut: Cut) -> frozenset[int]:
        return occluding_regions(tree, cut) if self._see_through and self._in_3d else frozenset()

    @property
    def see_through(self) -> bool:
        """Whether the largest regions are left out of the picture in 3D, where they would hide all others."""
        return self._see_through

    @see_through.setter
    def see_through(self, wanted: bool) -> None:
        self._see_through = wanted
        self._change_opacity()

    @property
    def in_3d(self) -> bool:
        """Whether the picture is in 3D."""
        return self._in_3d

    @in_3d.setter
    def in_3d(self, in_3d: bool) -> None:
        self._in_3d = in_3d
        self._change_opacity()

    @property
    def visible_levels(self) -> frozenset[str | None]:
        """Names of the levels in the picture; None stands for the regions of the slider."""
        return self._visible_levels

    @visible_levels.setter
    def visible_levels(self, levels: frozenset[str | None]) -> None:
        if levels != self._visible_levels:
            self._visible_levels = levels
            self.visibility_changed.emit()

    def _change_opacity(self) -> None:
        self._table = None
        self.opacity_changed.emit()

    def _forget_cut(self) -> None:
        self._cut = self._table = None

    def _forget_regions(self) -> None:
        self._forget_cut()
        self._selection = self._active = self._stroke = self._suggestion = None

    def _on_project(self, what: str) -> None:
        match what:
            case "regions":
                self._forget_cut()
                self.cut_changed.emit()
            case "tree":
                self._forget_cut()
                self.tree_changed.emit()
                self.cut_changed.emit()
            case "segmentation" | "training":
                self._forget_regions()
                self.project_changed.emit()
            case "structures":
                self._forget_cut()
                self.suggest(None)
                self.structures_changed.emit()
            case "levels":
                self.levels_changed.emit()
            case "specimens":
                self.specimens_changed.emit()


def occluding_regions(tree: Hierarchy, cut: Cut) -> frozenset[int]:
    """The largest regions of a cut, as many as it takes for the rest to fill no more than `OPAQUE_SHARE`; never all."""
    nodes = sorted(cut.nodes, key=lambda node: -int(tree.sizes[node]))
    left = sum(int(tree.sizes[node]) for node in nodes)
    most, hidden = OPAQUE_SHARE * left, []
    for node in nodes[:-1]:
        if left <= most:
            break
        hidden.append(node)
        left -= int(tree.sizes[node])
    return frozenset(hidden)
