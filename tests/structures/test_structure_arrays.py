import numpy as np
import pytest

from napari_hypseg.structures.edits import PaintVoxels
from napari_hypseg.structures.structure import MAX_STRUCTURES
from napari_hypseg.structures.structure_arrays import (
    OwnerArray,
    ShownArray,
    StructureMask,
    shown_ids,
    shown_levels,
    shown_table,
)
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from napari_hypseg.volumes.sampled_array import SampledArray
from tests.structures.conftest import N_LEAVES, SHAPE

INDICES = [
    np.s_[:],
    np.s_[5],
    np.s_[3:17, 30:36],
    np.s_[-1, ..., ::3],
    np.s_[:, 33, 2:35],
    np.s_[4, 5, 6],
    np.s_[10:10],
    np.s_[...],
]


@pytest.fixture
def painted(history, make, leaves):
    """Leaves 0–9 are a shell with a lumen (2–3); some voxels were painted lumen and some erased. Gives the truth."""
    shell = make("shell", list(range(10)))
    lumen = make("lumen", [2, 3], parent=shell)
    rng = np.random.default_rng(1)
    truth = history.annotation.owners[leaves]
    for structure in (lumen, None):
        flat = rng.choice(leaves.size, 400, replace=False)
        history.do(PaintVoxels(structure=structure, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of(flat))))
        truth.flat[flat] = structure or 0
    return truth


@pytest.mark.parametrize("index", INDICES)
def test_any_part_is_read_as_from_the_whole(history, leaves, painted, index):
    owners = OwnerArray(leaves, history.annotation)
    np.testing.assert_array_equal(owners[index], painted[index])
    np.testing.assert_array_equal(StructureMask(owners, 1)[index], painted[index] > 0)
    np.testing.assert_array_equal(StructureMask(owners, 2)[index], painted[index] == 2)


def test_another_specimen_has_corrections_of_its_own(history, leaves, painted):
    np.testing.assert_array_equal(OwnerArray(leaves, history.annotation, 1)[:], history.annotation.owners[leaves])


def test_what_is_shown_is_what_is_owned_and_the_cut_elsewhere(history, leaves, painted):
    regions = np.arange(N_LEAVES + 1) + 5000
    regions[0] = 0
    structures = np.arange(MAX_STRUCTURES + 1) + 100
    table = shown_table(regions, structures, history.annotation)
    assert len(table) == shown_ids(N_LEAVES)
    shown = table[ShownArray(leaves, history.annotation)[:]]
    expected = np.where(painted > 0, structures[painted], regions[leaves])
    np.testing.assert_array_equal(shown, np.where((painted == 0) & (leaves == 0), 0, expected))


def test_before_anything_is_painted_a_table_has_one_row_a_leaf(history, make, leaves):
    make("shell", [4])
    table = shown_table(np.zeros(N_LEAVES + 1), np.arange(MAX_STRUCTURES + 1.0), history.annotation)
    assert np.flatnonzero(table).tolist() == [5]
    np.testing.assert_array_equal(ShownArray(leaves, history.annotation)[:], leaves)


@pytest.mark.parametrize("cell", [(2, 2, 2), (1, 4, 2), (8, 64, 64)])
@pytest.mark.parametrize("index", [np.s_[:], np.s_[1], np.s_[0:2, 0, :], np.s_[..., 0]])
def test_every_stroke_is_seen_at_lower_resolution(history, leaves, painted, cell, index):
    coarse = SampledArray(leaves, cell)
    *_, level = shown_levels((leaves, coarse), history.annotation, 0)
    fine = ShownArray(leaves, history.annotation)[:]
    ids, shown = np.asarray(coarse[:]), level[:]
    for place in np.ndindex(ids.shape):
        part = tuple(slice(n * edge, (n + 1) * edge) for n, edge in zip(place, cell, strict=True))
        brushed = {value for value in fine[part][fine[part] > N_LEAVES].tolist() if value <= N_LEAVES + MAX_STRUCTURES}
        if brushed:
            assert shown[place] in brushed
        elif (fine[part] == leaves[part]).all():
            assert shown[place] == ids[place]
    np.testing.assert_array_equal(level[index], shown[index])


def test_nothing_painted_leaves_all_resolutions_as_they_are(history, leaves):
    levels = leaves, SampledArray(leaves, (2, 2, 2))
    assert shown_levels(levels, history.annotation, 0) is levels
