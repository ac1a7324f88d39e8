import numpy as np
import pytest

from napari_hypseg._napari.leaf_table import DIMMED, FADED, LeafTable
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.structures.edits import LockStructure, MakeStructure, PaintVoxels, ShowStructure
from napari_hypseg.structures.history import History
from napari_hypseg.structures.structure_arrays import shown_ids
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from tests.project.conftest import SHAPE, four_leaves

RED, GREEN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


@pytest.fixture
def history():
    tree = four_leaves()
    history = History(4, {"parts": tree})
    history.do(MakeStructure(name="shell", colour=RED, leaves="0-1"))
    history.do(MakeStructure(name="lumen", colour=GREEN, leaves="1", parent=1))
    return history


def table(history, selected=None, regions=2):
    tree = four_leaves()
    return LeafTable.of(tree, cut_at(tree, regions), annotation=history.annotation, selected=selected)


def test_structures_stand_in_place_of_the_regions_they_hold_and_the_rest_is_faded(history):
    made = table(history)
    assert made.regions.tolist() == [0, 5, 6, made.regions[3], made.regions[3]]
    assert made.rows[1].tolist() == [1, 0, 0, 1]
    assert made.rows[2].tolist() == [0, 1, 0, 1]
    assert made.rows[3:, 3] == pytest.approx(FADED)
    assert (made.describe(1), made.describe(2), made.describe(0)) == ("shell", "lumen", "outside")
    assert made.describe(3).startswith("region ")


def test_what_is_hidden_hides_what_lies_inside_it(history):
    history.do(LockStructure(structure=1, locked=True))
    history.do(ShowStructure(structure=1, visible=False))
    assert table(history).rows[:, 3] == pytest.approx([0, 0, 0, FADED, FADED])


def test_what_is_selected_is_opaque_and_all_else_is_dimmed(history):
    rows = table(history, np.array([False, True, True, False])).rows
    assert rows[:, 3] == pytest.approx([0, DIMMED, 1, 1, DIMMED * FADED])


def test_painted_and_erased_voxels_have_rows_of_their_own(history):
    one = encode_runs(runs_of(np.array([7])))
    history.do(PaintVoxels(structure=2, specimen=0, shape=SHAPE, voxels=one))
    made = table(history, np.array([True, False, False, False]))
    assert len(made.rows) == len(made.regions) == shown_ids(4)
    assert made.regions[4 + 2] == 6
    erased = 4 + 1000 + 1
    assert made.regions[erased] not in (0, 5, 6)
    assert (made.rows[erased, 3], made.rows[erased + 1, 3]) == pytest.approx((1, DIMMED * FADED))


def test_what_is_suggested_has_the_colour_it_would_get(history):
    some = np.array([False, False, True, False])
    rows = table(history, some).coloured(some, (0.1, 0.2, 0.3)).rows
    assert rows[3].tolist() == pytest.approx([0.1, 0.2, 0.3, 1])
    np.testing.assert_array_equal(rows[[0, 1, 2, 4]], table(history, some).rows[[0, 1, 2, 4]])
