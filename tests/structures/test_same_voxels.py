"""What counts as a change of a structure's voxels."""

import numpy as np
import pytest

from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.painting import Painting
from napari_hypseg.structures.same_voxels import same_voxels
from napari_hypseg.structures.structure import Structure


@pytest.fixture
def two():
    """Structures a of leaf 1 and b of leaf 2, of four leaves."""
    made = {n: Structure(id=n, name=name, colour=(1.0, 0.0, 0.0)) for n, name in ((1, "a"), (2, "b"))}
    return Annotation(np.array([0, 1, 2, 0, 0], np.uint16), made, next_id=3)


def test_only_the_voxels_of_the_structures_named_count(two):
    changed = two.with_owner(np.array([False, False, True, False]), 2)
    assert same_voxels(two, changed, ("a", ""))
    assert not same_voxels(two, changed, ("a", "b"))
    assert not same_voxels(two, changed, ("",))


def test_painting_counts_until_it_is_undone(two):
    paint = Painting().paint(0, (4, 4, 4), np.array([[3, 2]]), 1)
    painted = Annotation(two.owners, two.structures, paint)
    assert not same_voxels(two, painted, ("a",))
    again = Annotation(two.owners, two.structures, Painting().paint(0, (4, 4, 4), np.array([[3, 2]]), 1))
    assert same_voxels(painted, again, ("a",))


def test_a_structure_that_is_gone_has_changed(two):
    left = Annotation(two.owners, {1: two.structures[1]})
    assert not same_voxels(two, left, ("b",))
