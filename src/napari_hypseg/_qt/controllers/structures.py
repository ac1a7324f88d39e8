"""What a person does by clicking: selecting regions, walking the tree, making and editing structures, undo and redo.

Every method raises a `HypsegError` with one sentence where what is asked for cannot be done; nothing has changed then.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.controllers.status_line import status_line
from napari_hypseg._qt.layers.canvas_input import Click, Joins
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.leaf_sets import TreeNode, ancestors_in_trees
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.project.latent_metric import latent_metric
from napari_hypseg.project.project_structures import ProjectStructures
from napari_hypseg.structures.colours import next_colour, next_colours
from napari_hypseg.structures.edits import (
    AddLeaves,
    BaseEdit,
    CloseRegion,
    LockStructure,
    MakeStructure,
    MergeStructures,
    MoveStructure,
    OpenRegion,
    PaintVoxels,
    RecolourStructure,
    RemoveStructure,
    RenameStructure,
    ResetRegions,
    ShowStructure,
    SplitStructure,
    TakeLeaves,
)
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.selection import Selection, covering_nodes, moved, region_above
from napari_hypseg.structures.similar import similar
from napari_hypseg.structures.stroke import stroke_edit
from napari_hypseg.structures.structure import MAX_STRUCTURES, Rgb

Amend = Callable[[TreeNode], None]
"""Puts another node in place of that of the last edit."""


class StructureController(QObject):
    """Changes the selection in the model, and the structures of the project at hand.

    Signals
    -------
    status_changed
        With the line that says what is selected; empty for nothing.
    """

    status_changed = Signal(str)

    def __init__(self, model: WindowModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._clicked: int | None = None
        """The leaf that was clicked last."""
        self._last: tuple[Amend, TreeNode] | None = None
        """What changes the edit of the last click with a key held, and the node that it is about."""
        self._alike: tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]] | None = None
        """What leaves were ordered by likeness to, and their order."""
        self.alike: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """Leaves in no structure, those first that look most like what is selected; as of the last suggestion."""
        self._descriptors: tuple[str, npt.NDArray[np.float32] | None] | None = None
        """Fingerprint of a segmentation, and the descriptors of its leaves."""

    def click(self, click: Click) -> None:
        """Select what was clicked, or add it to or take it from what is selected or the active structure."""
        tree, _ = self._need()
        leaf, structure = self._at(click)
        self._last = None
        if leaf is None and structure is None:
            if click.joins is Joins.REPLACES:
                self.clear()
            return
        if leaf is None and structure is not None:
            self.activate(structure)
            return
        assert leaf is not None
        self._click_leaf(tree, leaf, structure, click.joins)

    def click_leaf(self, leaf: int, joins: Joins) -> None:
        """Do what a click on a voxel of a leaf does."""
        tree, structures = self._need()
        self._click_leaf(tree, leaf, int(structures.annotation.owners[leaf + 1]) or None, joins)

    def click_node(self, node: int, joins: Joins) -> None:
        """Select a node, or add it to or take it from what is selected or the active structure."""
        tree, _ = self._need()
        leaf = int(tree.leaf_order[tree.ranges[node, 0]])
        if joins is Joins.REPLACES:
            self._clicked = leaf
            self._select(Selection.click(tree, leaf, node))
        else:
            self._join(tree, leaf, node, adds=joins is Joins.ADDS)

    def select_leaves(self, leaves: npt.NDArray[np.bool_], joins: Joins) -> None:
        """Select leaves (bool, K), or add them to or take them from what is selected."""
        tree, _ = self._need()
        before = self._model.selection
        if before is not None and joins is not Joins.REPLACES:
            selected = before.leaves(self._model.trees)
            leaves = selected | leaves if joins is Joins.ADDS else selected & ~leaves
        if not leaves.any():
            self.clear()
            return
        self._clicked = leaf = int(np.argmax(leaves))
        self._select(Selection(tree.name, leaves.copy(), leaf, leaf))

    def walk(self, steps: int) -> None:
        """Go up all trees from what was clicked last, or for negative `steps` down towards the voxel clicked."""
        tree, _ = self._need()
        selection, trees = self._model.selection, self._model.trees
        if selection is not None:
            self._select(selection.walked(trees, steps))
        elif self._last is not None and self._clicked is not None:
            amend, here = self._last
            further = moved(ancestors_in_trees(trees, self._clicked, here.tree), here, steps)
            if further != here:
                amend(further)
        elif self._clicked is not None:
            start = region_above(tree, self._cut(), self._clicked)
            self._select(Selection.click(tree, self._clicked, start))

    def clear(self) -> None:
        """Select nothing; where nothing is selected, no structure is the active one any more."""
        keep = self._model.active if self._model.selection is not None or self._model.suggestion is not None else None
        self._last = None
        self._model.select(None, keep.id if keep is not None else None)
        self._tell()

    def activate(self, structure: int | None) -> None:
        """Let clicks add to a structure and take from it; it stands out, and nothing else is selected."""
        self._last = None
        self._model.select(None, structure)
        self._tell()

    def select_region(self, cut: Cut, number: int) -> None:
        """Select the region of a cut that has a number in masks and tables."""
        tree, _ = self._need()
        node = next((int(node) for node in cut.nodes if tree.numbers[node] == number), None)
        if node is not None:
            self._clicked = int(tree.leaves_of(node)[0])
            self._select(Selection.click(tree, self._clicked, node))

    def accept(self, name: str = "", parent: int | None = None) -> None:
        """Make a structure of what is selected, or add it to the active structure.

        What is a part of the active structure becomes a structure inside it.

        Parameters
        ----------
        name
            Of a new structure; empty for the next free one.
        parent
            Structure that a new one lies inside.
        """
        tree, structures = self._need()
        leaves = self._chosen(tree)
        ranges, nodes = to_ranges(np.flatnonzero(leaves)), covering_nodes(tree, leaves)
        active = self._model.active
        inner = active is not None and not (leaves & ~structures.annotation.leaves(active.id)).any()
        if inner and parent is None and active is not None:
            parent = active.id
        if active is not None and not name and not inner:
            structures.do(AddLeaves(structure=active.id, leaves=ranges, tree=tree.name, nodes=nodes))
            self.activate(active.id)
        else:
            self._make(structures, name, parent, ranges, tree.name, nodes)

    def suggest(self, share: float) -> None:
        """Suggest leaves that look like what is selected, the nearest first.

        Parameters
        ----------
        share
            From 0, none, to 1, all leaves that are in no structure.
        """
        tree, structures = self._need()
        chosen = self._model.chosen_leaves
        if chosen is None or not chosen.any():
            raise SettingError("Nothing is selected; click a region to find others like it.")
        if share <= 0:
            self._model.suggest(None)
            return
        if self._alike is None or not np.array_equal(self._alike[0], chosen):
            self._alike = (chosen, self._by_likeness(chosen))
        free = structures.annotation.free_leaves() & ~chosen
        nearest = self._alike[1][free[self._alike[1]]]
        suggested = np.zeros(tree.n_leaves, dtype=bool)
        suggested[nearest[: max(1, round(len(nearest) * share**2))]] = True
        self.alike = nearest
        self._model.suggest(suggested)

    def undo(self) -> None:
        """Take the last edit back; where there is none, which a key that is held down soon reaches, only say so."""
        self._step(back=True)

    def redo(self) -> None:
        """Do again what was undone last; where there is nothing, only say so."""
        self._step(back=False)

    def go_to(self, n_done: int) -> None:
        """Undo or redo as many edits as it takes until `n_done` are done."""
        self._last = None
        self._need()[1].go_to(n_done)
        self._tell()

    def rename(self, structure: int, name: str) -> None:
        """Give a structure another name."""
        if not name.strip():
            raise SettingError("A structure needs a name; type one.")
        self._do(RenameStructure(structure=structure, name=name.strip()))

    def recolour(self, structure: int, colour: Rgb) -> None:
        """Give a structure another colour, sRGB in [0, 1]."""
        self._do(RecolourStructure(structure=structure, colour=colour))

    def show(self, structure: int, visible: bool) -> None:
        """Show or hide a structure and what lies inside it."""
        self._do(ShowStructure(structure=structure, visible=visible))

    def lock(self, structure: int, locked: bool) -> None:
        """Freeze a structure, or let it change again."""
        self._do(LockStructure(structure=structure, locked=locked))

    def move(self, structure: int, parent: int | None) -> None:
        """Put a structure inside another one, or for None on its own."""
        self._do(MoveStructure(structure=structure, parent=parent))

    def remove(self, structure: int) -> None:
        """Dissolve a structure; its voxels are regions again, or part of the structure around it."""
        self._do(RemoveStructure(structure=structure))

    def merge(self, structure: int, into: int) -> None:
        """Make a structure part of another one."""
        self._do(MergeStructures(structure=structure, into=into))
        self.activate(into)

    def split(self, structure: int, parts: int = 2) -> None:
        """Split a structure into its `parts` largest branches of the tree, as structures inside it."""
        tree, structures = self._need()
        annotation = structures.annotation
        nodes = list(covering_nodes(tree, annotation.leaves(structure, whole=False)))
        while len(nodes) < parts:
            branch = max(nodes, key=lambda node: (float(tree.altitudes[node]), node), default=-1)
            if branch < tree.n_leaves:
                name = annotation.structure(structure).name
                raise SettingError(f"{name} has too few leaves of its own ({len(nodes)}) to be split into {parts}.")
            nodes.remove(branch)
            nodes += tree.children[branch].tolist()
        largest = sorted(nodes, key=lambda node: -int(tree.sizes[node]))
        groups = [[node] for node in largest[: parts - 1]] + [largest[parts - 1 :]]
        own = annotation.structure(structure).name
        names = tuple(annotation.free_name(f"{own} {letter}") for letter in _letters(parts))
        self._do(
            SplitStructure(
                structure=structure,
                parts=tuple(to_ranges(np.concatenate([tree.leaves_of(one) for one in group])) for group in groups),
                names=names,
                colours=next_colours([one.colour for one in annotation.structures.values()], parts),
            )
        )

    def open_here(self, node: int | None = None) -> None:
        """Replace a node, by default the region that is selected, by its children, wherever the slider stands."""
        tree, _ = self._need()
        self._do(OpenRegion(tree=tree.name, node=self._node(tree) if node is None else node))
        self._reselect()

    def close_here(self, node: int | None = None) -> None:
        """Make a node, by default the parent of what is selected, one region, wherever the slider stands."""
        tree, _ = self._need()
        chosen = int(tree.parents[self._node(tree)]) if node is None else node
        self._do(CloseRegion(tree=tree.name, node=chosen))
        self._reselect()

    def toggle_here(self, node: int) -> None:
        """Open a node that is a region or part of one, close one that is divided."""
        tree, _ = self._need()
        start, stop = tree.ranges[node]
        ranges = tree.ranges[list(self._cut().nodes)]
        divided = bool(((ranges[:, 0] >= start) & (ranges[:, 1] <= stop)).sum() > 1)
        (self.close_here if divided else self.open_here)(node)

    def reset_regions(self) -> None:
        """All regions as the slider has them."""
        tree, _ = self._need()
        self._do(ResetRegions(tree=tree.name))
        self._reselect()

    def paint(self, specimen: int, voxels: npt.NDArray[np.int64], erase: bool, over: bool = True) -> None:
        """Give voxels (n, 3) to the active structure, or take them out of it; what is locked is left out.

        A stroke that is not `over` is only shown.
        """
        self._model.show_stroke(None)
        edit = self._stroke(specimen, voxels, erase)
        if edit is None:
            return
        if over:
            self._do(edit)
        else:
            self._model.show_stroke(self._need()[1].preview(edit))

    def _stroke(self, specimen: int, voxels: npt.NDArray[np.int64], erase: bool) -> PaintVoxels | None:
        _, structures = self._need()
        active = self._model.active
        if active is None:
            raise SettingError("Choose the structure to paint in the list of structures first, or make one.")
        project = self._model.project
        assert project is not None
        return stroke_edit(structures.annotation, project.leaves[specimen], specimen, active.id, voxels, erase)

    def _by_likeness(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """All leaves, those first that look most like `chosen`."""
        project = self._model.project
        assert project is not None
        segmentation = project.segmentation
        assert segmentation is not None
        if self._descriptors is None or self._descriptors[0] != segmentation.fingerprint:
            self._descriptors = (segmentation.fingerprint, segmentation.descriptors)
        metric = latent_metric(project.settings, segmentation.record)
        return similar(chosen, segmentation.hierarchy.points, self._descriptors[1], metric)[0]

    def _chosen(self, tree: Hierarchy) -> npt.NDArray[np.bool_]:
        """Leaves to make a structure of or to add: what is selected and suggested."""
        selection, suggestion = self._model.selection, self._model.suggestion
        if selection is None and (suggestion is None or self._model.active is None):
            raise SettingError("Nothing is selected; click a region first.")
        leaves = np.zeros(tree.n_leaves, dtype=bool) if selection is None else selection.leaves(self._model.trees)
        return leaves if suggestion is None else leaves | suggestion

    def _make(
        self,
        structures: ProjectStructures,
        name: str,
        parent: int | None,
        ranges: str,
        tree: str,
        nodes: tuple[int, ...],
    ) -> None:
        annotation = structures.annotation
        colour = next_colour([one.colour for one in annotation.structures.values()])
        called = name.strip() or annotation.free_name(f"structure {annotation.next_id}")
        structures.do(MakeStructure(name=called, colour=colour, parent=parent, leaves=ranges, tree=tree, nodes=nodes))
        self.activate(annotation.next_id)

    def _click_leaf(self, tree: Hierarchy, leaf: int, structure: int | None, joins: Joins) -> None:
        if joins is Joins.REPLACES:
            self._clicked = leaf
            self._replace(tree, leaf, structure)
        else:
            self._join(tree, leaf, region_above(tree, self._cut(), leaf), adds=joins is Joins.ADDS)

    def _replace(self, tree: Hierarchy, leaf: int, structure: int | None) -> None:
        """Choose the structure a leaf is in, or, if that is chosen or there is none, the region there."""
        active = self._model.active
        family = [] if active is None else self._need()[1].annotation.family(active.id)
        if structure is not None and structure not in family:
            self.activate(structure)
            return
        self._model.select(
            Selection.click(tree, leaf, region_above(tree, self._cut(), leaf)),
            active.id if active is not None else None,
        )
        self._tell()

    def _join(self, tree: Hierarchy, leaf: int, node: int, adds: bool) -> None:
        """Add a node above a leaf to what is selected or, if nothing is, to the active structure, or take it away."""
        self._clicked = leaf
        selection = self._model.selection
        if selection is None and self._model.active is not None:
            self._change_active(tree, self._model.active.id, leaf, node, adds)
        elif selection is None:
            self._select(Selection.click(tree, leaf, node))
        else:
            self._select(selection.joined(self._model.trees, tree.name, leaf, node, adds))

    def _change_active(self, tree: Hierarchy, structure: int, leaf: int, node: int, adds: bool) -> None:
        def new_edit(hierarchy: Hierarchy, node: int) -> BaseEdit:
            kind = AddLeaves if adds else TakeLeaves
            leaves = to_ranges(hierarchy.leaves_of(node))
            return kind(structure=structure, leaves=leaves, tree=hierarchy.name, nodes=(node,))

        def amend(further: TreeNode) -> None:
            self.do_walked(new_edit(self._model.trees[further.tree], further.node), again=True)
            self.follow_walk(leaf, further, amend)

        self._do(new_edit(tree, node))
        self.follow_walk(leaf, TreeNode(tree.name, node), amend)

    def follow_walk(self, leaf: int, here: TreeNode, amend: Amend) -> None:
        """Let a walk from a node above a leaf change the edit that was made last, or is about to be."""
        self._clicked, self._last = leaf, (amend, here)

    def do_walked(self, edit: BaseEdit, again: bool) -> None:
        """Do an edit that a walk may change, or for `again` do it in place of the one before."""
        structures, last = self._need()[1], self._last
        if again:
            structures.undo()
        try:
            structures.do(edit)
        except Exception:
            if again:
                structures.redo()
            raise
        self._last = last
        self._tell()

    def _step(self, back: bool) -> None:
        structures = self._need()[1]
        if (structures.undo_text if back else structures.redo_text) is None:
            self.status_changed.emit(f"There is nothing to {'undo' if back else 'redo'}.")
            return
        self._last = None
        (structures.undo if back else structures.redo)()
        self._tell()

    def _do(self, edit: BaseEdit) -> None:
        self._last = None
        self._need()[1].do(edit)
        self._tell()

    def _select(self, selection: Selection) -> None:
        self._last = None
        active = self._model.active
        self._model.select(selection, active.id if active is not None else None)
        self._tell()

    def _reselect(self) -> None:
        """Stand at the region of the cut again."""
        tree, _ = self._need()
        selection = self._model.selection
        if selection is not None:
            self._select(Selection.click(tree, selection.leaf, region_above(tree, self._cut(), selection.leaf)))

    def _node(self, tree: Hierarchy) -> int:
        """The node of the tree shown that is selected."""
        selection = self._model.selection
        if selection is None:
            raise SettingError("Nothing is selected; click a region first.")
        if selection.tree != tree.name:
            raise SettingError(
                f"What is selected is a node of {selection.tree}; group by {selection.tree} first, or click a region."
            )
        return selection.node

    def _at(self, click: Click) -> tuple[int | None, int | None]:
        """The leaf (from 0) and the structure at the place of a click, each None where there is none."""
        project = self._model.project
        tree, structures = self._need()
        assert project is not None
        if click.voxel is None:
            return _from_shown(click.shown, tree.n_leaves, structures)
        shape = project.records[click.specimen].shape
        if not all(0 <= place < size for place, size in zip(click.voxel, shape, strict=True)):
            return None, None
        leaf = int(np.asarray(project.leaves[click.specimen][click.voxel])) - 1
        owner = int(structures.owners(click.specimen)[click.voxel])
        return (leaf if leaf >= 0 else None), owner or None

    def _cut(self) -> Cut:
        cut = self._model.cut
        assert cut is not None
        return cut

    def _need(self) -> tuple[Hierarchy, ProjectStructures]:
        tree, structures = self._model.tree, self._model.structures
        if tree is None or structures is None:
            raise ProjectError("There are no regions yet; train first.")
        return tree, structures

    def _tell(self) -> None:
        self.status_changed.emit(status_line(self._model))


def _from_shown(shown: int, n_leaves: int, structures: ProjectStructures) -> tuple[int | None, int | None]:
    if shown == 0:
        return None, None
    if shown <= n_leaves:
        return shown - 1, int(structures.annotation.owners[shown]) or None
    if shown <= n_leaves + MAX_STRUCTURES:
        return None, shown - n_leaves
    return shown - n_leaves - MAX_STRUCTURES - 1, None


def _letters(count: int) -> list[str]:
    return [chr(ord("A") + number) if count <= 26 else str(number + 1) for number in range(count)]
