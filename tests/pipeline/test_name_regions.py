"""Structures that a method knows beforehand are made once, and what a person made of them is kept."""

from types import SimpleNamespace

import pytest

from napari_hypseg.pipeline.build_segmentation import named_leaves
from napari_hypseg.pipeline.name_regions import name_regions, show_pieces
from napari_hypseg.structures.edits import MakeStructure, RenameStructure

NAMED = {"body": "0-3", "core": "4"}


class Structures:
    """What `name_regions` asks of the structures of a project."""

    def __init__(self, edits=(), named=NAMED):
        self.steps = [SimpleNamespace(edit=edit) for edit in edits]
        self.segmentation = SimpleNamespace(record={"named": named}, hierarchy=SimpleNamespace(n_leaves=20))

    def do(self, edit):
        self.steps.append(SimpleNamespace(edit=edit))


class FakeProject(SimpleNamespace):
    """A project, of which `saved` is the slider as it was written down."""

    n_regions, saved = 8, None

    def set_regions(self, n_regions):
        self.n_regions = n_regions

    def save(self):
        self.saved = self.n_regions


def project(edits=(), superseded=None, named=NAMED):
    structures = Structures(edits, named)
    return FakeProject(segmentation=structures.segmentation, structures=structures, superseded=superseded)


@pytest.fixture
def made():
    return [MakeStructure(name=name, colour=(1.0, 0.0, 0.0), leaves=leaves) for name, leaves in NAMED.items()]


def test_each_class_becomes_a_structure():
    one = project()
    assert name_regions(one) == 2
    assert [(step.edit.name, step.edit.leaves) for step in one.structures.steps] == list(NAMED.items())
    assert name_regions(one) == 0
    assert name_regions(project(named={})) == 0


def test_the_slider_shows_pieces_of_the_structures():
    one = project()
    show_pieces(one, 2)
    assert (one.n_regions, one.saved) == (16, 16)
    many = project()
    show_pieces(many, 5)
    assert many.n_regions == 20  # there are no more leaves
    finer = project()
    finer.n_regions = 18
    show_pieces(finer, 2)
    assert (finer.n_regions, finer.saved) == (18, None)


def test_untouched_structures_are_replaced_and_changed_ones_are_left_to_be_carried_over(made):
    again = project(superseded=Structures(made))
    assert (name_regions(again), again.superseded) == (2, None)
    changed = Structures([*made, RenameStructure(structure=1, name="hull")])
    again = project(superseded=changed)
    assert (name_regions(again), again.superseded) == (0, changed)


def test_leaves_are_named_by_their_largest_probability():
    points = [[0.9, 0.3, 0.3], [0.1, 0.9, 0.4], [0.1, 0.2, 0.9], [0.2, 0.8, 0.1]]
    assert named_leaves(points, ["body", "core"]) == {"body": "1,3", "core": "2"}
    assert named_leaves(points[:2], ["body", "core"]) == {"body": "1"}
