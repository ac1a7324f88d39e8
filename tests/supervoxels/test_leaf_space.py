"""Leaves of one specimen found again in another, whose features are shifted and scaled."""

import numpy as np
import pytest

from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels.certainty import doubtful_groups
from napari_hypseg.supervoxels.leaf_space import LeafSpace, nearest_leaves, supervoxel_space
from napari_hypseg.supervoxels.merging import MergedSupervoxels
from napari_hypseg.supervoxels.region_table import RegionTable

R, K = 400, 8
LEAVES = np.repeat(np.arange(K), R // K)
SIZES = np.bincount(LEAVES)


def chain(n, specimens=None):
    """Supervoxels in a row, each of which touches the next."""
    edges = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    specimens = np.zeros(n, np.int64) if specimens is None else specimens
    kept = specimens[edges[:, 0]] == specimens[edges[:, 1]]
    return MergedSupervoxels(RegionTable.of(np.arange(n)), specimens, edges[kept], np.ones(kept.sum(), np.int64))


def features(seed=0):
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(9).normal(size=(K, 3 + 5))
    values = (centres[LEAVES] + 0.05 * rng.normal(size=(R, 8))).astype(np.float32)
    return values[:, :3], values[:, 3:]


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (2.0, 5.0), (0.3, -1.0)])
def test_leaves_are_found_whatever_the_offset_and_scale_of_a_specimen(scale, offset):
    sizes = np.full(R, 7)
    space = quietly(supervoxel_space(*features(0), sizes, chain(R), LEAVES))
    other = (scale * part + offset for part in features(1))
    found = quietly(nearest_leaves(space, SIZES, *other, sizes, chain(R)))
    np.testing.assert_array_equal(found.numbers, LEAVES)
    assert (found.certainties > 0.5).mean() > 0.9


def test_specimens_that_differ_by_offset_and_scale_share_their_leaves():
    first, second = features(0), features(1)
    both = [np.concatenate([one, 3 * other + 2]) for one, other in zip(first, second, strict=True)]
    twice = np.concatenate([LEAVES, LEAVES])
    graph = chain(2 * R, np.repeat([0, 1], R))
    space = quietly(supervoxel_space(*both, np.ones(2 * R, int), graph, twice))
    apart = np.linalg.norm(space.centroids[0] - space.centroids[1])
    assert apart > 3 * space.distances.mean(), "else the specimens would be further apart than the leaves"


def test_what_is_unlike_all_leaves_is_uncertain():
    tangents, descriptors = features(1)
    tangents[10:20], descriptors[10:20] = 8, -8
    space = quietly(supervoxel_space(*features(0), np.ones(R, int), chain(R), LEAVES))
    found = quietly(nearest_leaves(space, SIZES, tangents, descriptors, np.ones(R, int), chain(R)))
    assert found.certainties[10:20].max() < np.delete(found.certainties, range(8, 22)).min()


def test_leaves_are_found_where_one_tissue_differs_by_itself():
    """Of eight tissues of four leaves, one is brighter in the new specimen by nearly the distance of two leaves."""
    leaves = np.repeat(np.arange(32), 20)
    n, brighter = len(leaves), leaves >= 28
    place = (leaves // 4 * 10 + leaves % 4).astype(np.float32)
    noise = 0.1 * np.random.default_rng(0).normal(size=(2, n)).astype(np.float32)
    tangents, sizes = np.zeros((n, 1), np.float32), np.ones(n, np.int64)
    learned, new = (np.repeat(one[:, None], 3, axis=1) for one in (place + noise[0], place + noise[1] + 0.8 * brighter))
    space = quietly(supervoxel_space(tangents, learned.astype(np.float32), sizes, chain(n), leaves))
    new = new.astype(np.float32)
    found = quietly(nearest_leaves(space, np.bincount(leaves), tangents, new, sizes, chain(n)))
    assert (found.numbers == leaves)[brighter].mean() > 0.95
    assert found.certainties[brighter].mean() < found.certainties[~brighter].mean() - 0.2, "it is to be looked at"


def test_a_specimen_without_contrast_has_leaves_too():
    space = quietly(supervoxel_space(np.ones((4, 2), np.float32), np.ones((4, 3), np.float32), *_four(np.arange(4))))
    space.check(4)
    found = quietly(
        nearest_leaves(space, np.zeros(4, int), np.ones((4, 2), np.float32), np.ones((4, 3), np.float32), *_four())
    )
    assert np.isfinite(found.certainties).all()


def _four(*leaves):
    return np.ones(4, int), chain(4), *leaves


def test_impossible_spaces_are_refused():
    good = LeafSpace(np.ones((5, 2), np.float32), np.ones((4, 2), np.float32), np.ones(4, np.float32))
    good.check(4)
    for name, values in (("distances", np.zeros(4)), ("centroids", np.full((4, 2), np.nan)), ("axes", np.ones((5, 3)))):
        arrays = {"axes": good.axes, "centroids": good.centroids, "distances": good.distances}
        with pytest.raises(ValueError, match="space of leaves"):
            LeafSpace(**{**arrays, name: values.astype(np.float32)}).check(4)
    with pytest.raises(ValueError, match="5 leaves"):
        good.check(5)


def test_doubtful_supervoxels_that_touch_are_one_group_and_the_largest_comes_first():
    certainties = np.array([0.9, 0.2, 0.3, 0.9, 0.1, 0.9, 0.4], np.float32)
    sizes = np.array([5, 1, 3, 5, 9, 5, 1])
    found = doubtful_groups(certainties, sizes, chain(7).edges, most=2)
    np.testing.assert_array_equal(found.numbers, [0, 2, 2, 0, 1, 0, 0])
    np.testing.assert_array_equal(found.sizes, [9, 4])
    np.testing.assert_allclose(found.certainties, [0.1, (0.2 + 0.9) / 4], rtol=1e-6)
    assert not doubtful_groups(np.ones(7, np.float32), sizes, chain(7).edges, most=2).numbers.any()
