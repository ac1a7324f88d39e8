"""Giving a structure only the piece under the mouse, or taking it away, where a region lies in many places.

The piece is found on a thread; a walk afterwards puts the piece of a larger or smaller region in its place.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from qtpy.QtCore import QObject

from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.layers.canvas_input import Click
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors, show_exception
from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.hierarchy.leaf_sets import TreeNode
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import BaseEdit
from napari_hypseg.structures.piece_edit import PiecePlace, piece_edit
from napari_hypseg.structures.selection import region_above


@dataclass(frozen=True, eq=False)
class PieceChoice:
    """What was asked for.

    Parameters
    ----------
    annotation
        The structures before the piece was given or taken.
    place, leaf
        Where, and the leaf there.
    structure
        Id of the one that changes.
    adds
        Whether it is given the piece.
    """

    annotation: Annotation
    place: PiecePlace
    leaf: int
    structure: int
    adds: bool


class PieceEdits(QObject):
    """Changes the active structure by pieces of regions."""

    def __init__(self, model: WindowModel, structures: StructureController, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._structures = model, structures
        self._asked: object = None
        """Stands for the piece that is looked for; what was asked for before is let go."""
        self._made: Annotation | None = None
        """The structures after the piece that a walk may change was given or taken."""

    def toggle(self, click: Click) -> None:
        """Give the active structure the piece under the mouse or, where that is part of it, take the piece away.

        The piece is one of what is selected, if that is under the mouse, else of the region shown there.

        Raises
        ------
        SettingError
            If no structure is the active one, or there is no region under the mouse.
        """
        model, active = self._model, self._model.active
        tree, cut, structures, project = model.tree, model.cut, model.structures, model.project
        if tree is None or cut is None or structures is None or project is None:
            raise ProjectError("There are no regions yet; train first.")
        if active is None:
            raise SettingError("Choose the structure that is to have this piece in the list first, or make one.")
        if click.voxel is None:
            raise SettingError("In 3D the place under the mouse is not known; point at a voxel in a slice.")
        leaves, voxel = project.leaves[click.specimen], click.voxel
        inside = all(0 <= at < size for at, size in zip(voxel, leaves.shape, strict=True))
        leaf = int(np.asarray(leaves[voxel])) - 1 if inside else -1
        if leaf < 0:
            raise SettingError("There is no region under the mouse; point at one.")
        owner = int(np.asarray(structures.owners(click.specimen)[voxel]))
        adds = owner not in structures.annotation.family(active.id)
        place = PiecePlace(leaves, click.specimen, voxel)
        self._made = None
        choice = PieceChoice(structures.annotation, place, leaf, active.id, adds)
        selection = model.selection
        if selection is not None and leaf in model.trees[selection.tree].leaves_of(selection.node):
            self._find(choice, TreeNode(selection.tree, selection.node))
        else:
            self._find(choice, TreeNode(tree.name, region_above(tree, cut, leaf)))

    def _find(self, choice: PieceChoice, node: TreeNode) -> None:
        """Look for the piece of a node on a thread."""
        self._asked = asked = object()
        tree = self._model.trees[node.tree]
        find = partial(piece_edit, choice.annotation, choice.place, choice.structure, tree, node.node, choice.adds)
        self._structures.follow_walk(choice.leaf, node, partial(self._find, choice))
        ThreadTask(find, partial(self._finish, asked, choice), show_exception, self)

    def _finish(self, asked: object, choice: PieceChoice, edit: BaseEdit | None) -> None:
        """Do the edit, in place of that of the smaller or larger piece; nothing if something else was edited since."""
        structures = self._model.structures
        if asked is not self._asked or structures is None:
            return
        again = structures.annotation is self._made
        if not again and structures.annotation is not choice.annotation:
            return
        with reporting_errors():
            if edit is None:
                name = structures.annotation.structure(choice.structure).name
                raise SettingError(f"{name} {'holds' if choice.adds else 'does not hold'} all of this piece already.")
            self._structures.do_walked(edit, again)
            self._made = structures.annotation
