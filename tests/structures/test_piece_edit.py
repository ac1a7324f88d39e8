"""Pieces of regions given to structures and taken from them."""

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import AddLeaves, LockStructure, MakeStructure, PaintVoxels, TakeLeaves
from napari_hypseg.structures.piece_edit import PiecePlace, piece_edit
from napari_hypseg.structures.structure_arrays import OwnerArray

SHAPE = (3, 8, 12)
LEFT, RIGHT, BESIDE = (1, 3, 2), (1, 3, 9), (1, 5, 2)


@pytest.fixture
def leaves():
    """Leaf 2 in two places, leaf 3 below the left one, leaf 1 around; nothing in the corner."""
    ids = np.ones(SHAPE, dtype=np.uint16)
    ids[1, 2:4, 1:4] = ids[1, 2:4, 8:11] = 2
    ids[1, 4:6, 1:4] = 3
    ids[0, 0, 0] = 0
    return ids


@pytest.fixture
def tree(leaves):
    """((2 3) 1)."""
    sizes = np.bincount(leaves.ravel())[1:]
    sizes = np.array([*sizes, sizes[1] + sizes[2], sizes.sum()])
    parents, altitudes = np.array([4, 3, 3, 4, 4], dtype=np.int32), np.array([0, 0, 0, 1, 2], dtype=np.float32)
    return Hierarchy(parents, altitudes, sizes, np.zeros((3, 2), dtype=np.float32))


@pytest.fixture
def made():
    """A structure of leaf 2 alone, and an empty one."""
    first = MakeStructure(name="spots", colour=(1.0, 0.0, 0.0), leaves="1").apply(Annotation.empty(3), {})
    return MakeStructure(name="one", colour=(0.0, 1.0, 0.0), leaves="").apply(first, {})


def owned(annotation, leaves, structure):
    return np.asarray(OwnerArray(leaves, annotation, 0)[:]) == structure


def at(leaves, voxel):
    return PiecePlace(leaves, 0, voxel)


def test_one_of_two_places_is_given_as_voxels(leaves, tree, made):
    edit = piece_edit(made, at(leaves, RIGHT), 2, tree, 1, adds=True)
    assert isinstance(edit, PaintVoxels)
    after = edit.apply(made, {})
    right = np.arange(12) > 6
    np.testing.assert_array_equal(owned(after, leaves, 2), (leaves == 2) & right)
    np.testing.assert_array_equal(owned(after, leaves, 1), (leaves == 2) & ~right)
    assert piece_edit(after, at(leaves, RIGHT), 2, tree, 1, adds=True) is None


def test_a_larger_node_gives_what_hangs_together_with_the_place(leaves, tree, made):
    after = piece_edit(made, at(leaves, BESIDE), 2, tree, 3, adds=True).apply(made, {})
    np.testing.assert_array_equal(owned(after, leaves, 2), (leaves > 1) & (np.arange(12) < 6))


def test_a_piece_that_is_the_whole_node_is_given_and_taken_as_leaves(leaves, tree, made):
    edit = piece_edit(made, at(leaves, BESIDE), 2, tree, 2, adds=True)
    assert isinstance(edit, AddLeaves)
    after = edit.apply(made, {})
    assert np.flatnonzero(after.leaves(2)).tolist() == [2]
    for node in (2, 3, 4):
        taken = piece_edit(after, at(leaves, BESIDE), 2, tree, node, adds=False)
        assert isinstance(taken, TakeLeaves)
        assert (taken.leaves, taken.nodes) == ("2", (2,))


def test_what_is_taken_hangs_together_in_the_structure(leaves, tree, made):
    edit = piece_edit(made, at(leaves, LEFT), 1, tree, 4, adds=False)
    np.testing.assert_array_equal(owned(edit.apply(made, {}), leaves, 1), (leaves == 2) & (np.arange(12) > 6))


def test_what_is_locked_stays_and_what_is_nowhere_is_told(leaves, tree, made):
    locked = LockStructure(structure=1, locked=True).apply(made, {})
    after = piece_edit(locked, at(leaves, BESIDE), 2, tree, 3, adds=True).apply(locked, {})
    np.testing.assert_array_equal(owned(after, leaves, 2), leaves == 3)
    for voxel, node in (((0, 0, 0), 1), (LEFT, 2)):
        with pytest.raises(SettingError, match="nothing of this here"):
            piece_edit(made, at(leaves, voxel), 2, tree, node, adds=True)
    with pytest.raises(SettingError, match="locked"):
        piece_edit(locked, at(leaves, LEFT), 1, tree, 1, adds=False)
