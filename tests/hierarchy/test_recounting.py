"""Trees with the voxels of another volume stay the same trees."""

import numpy as np

from napari_hypseg.hierarchy.recounting import recounted
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from tests.scipy_tree import scipy_tree


def test_nodes_stay_and_sizes_are_those_of_the_leaves_below_them():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(9, 2)).astype(np.float32)
    parts, kinds = scipy_tree(points, [5] * 9), scipy_tree(points[::-1].copy(), [5] * 9)
    sizes = rng.integers(0, 3, 9) * 10
    trees = recounted({PARTS: parts, KINDS: kinds}, sizes)
    assert trees[KINDS].first is trees[PARTS]
    for name, before in ((PARTS, parts), (KINDS, kinds)):
        trees[name].check()
        np.testing.assert_array_equal(trees[name].parents, before.parents)
        for node in range(before.root + 1):
            assert trees[name].sizes[node] == sizes[before.leaves_of(node)].sum()
