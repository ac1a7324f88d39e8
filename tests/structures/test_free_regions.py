import numpy as np

from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.structures.free_regions import free_regions
from tests.project.conftest import four_leaves


def test_regions_in_structures_are_left_out_and_others_counted_without_what_is_in_them():
    tree = four_leaves()
    tree.sizes[:4] = [10, 20, 30, 40]
    found = free_regions(tree, Cut((4, 5)), np.array([False, True, True, True]))
    assert (found.nodes.tolist(), found.voxels.tolist()) == ([5, 4], [70, 20])
    assert found.leaves[1] == 1
    assert found.leaves[0] in (2, 3)
    found = free_regions(tree, Cut((0, 1, 5)), np.array([True, True, False, False]))
    assert (found.nodes.tolist(), found.voxels.tolist(), found.leaves.tolist()) == ([1, 0], [20, 10], [1, 0])
    assert free_regions(tree, Cut((6,)), np.zeros(4, bool)).nodes.tolist() == []
