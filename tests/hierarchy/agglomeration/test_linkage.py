import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.geometry.metric import EUCLIDEAN, Metric
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy, build_hierarchy_job
from napari_hypseg.hierarchy.agglomeration.linkage import CONTEXT_MAX_LEAVES, linkages
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.jobs import Progress, drive


def cophenetic(tree):
    """(K, K) altitude at which two leaves join, by walking the parents."""
    joined = np.zeros((tree.n_leaves, tree.n_leaves))
    for node in range(tree.n_leaves, tree.root + 1):
        first, second = (tree.leaves_of(child) for child in tree.children[node])
        joined[np.ix_(first, second)] = tree.altitudes[node]
        joined[np.ix_(second, first)] = tree.altitudes[node]
    return joined


def in_ball(rng, n, d=3):
    direction = rng.normal(size=(n, d))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return (np.tanh(rng.gamma(2, 0.4, (n, 1))) * direction).astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_equal_sizes_in_flat_space_give_the_tree_of_scipy(seed):
    points = np.random.default_rng(seed).normal(size=(120, 4)).astype(np.float32)
    tree = build_hierarchy(points, np.full(120, 5), EUCLIDEAN)
    expected = squareform(cophenet(linkage(points.astype(np.float64), "ward")))
    np.testing.assert_allclose(cophenetic(tree), expected, rtol=1e-4, atol=1e-5)


def always_cheapest(points, weights):
    """Ward by looking at all pairs each time: the sets of leaves that are ever merged."""
    clusters = [(frozenset([i]), point, weight) for i, (point, weight) in enumerate(zip(points, weights, strict=True))]
    found = set()
    while len(clusters) > 1:
        pairs = [(i, j) for i in range(len(clusters)) for j in range(i)]
        costs = [
            clusters[i][2] * clusters[j][2] / (clusters[i][2] + clusters[j][2])
            * np.square(clusters[i][1] - clusters[j][1]).sum()
            for i, j in pairs
        ]  # fmt: skip
        i, j = pairs[int(np.argmin(costs))]
        (a, x, n), (b, y, m) = clusters[i], clusters[j]
        clusters = [c for c in clusters if c[0] not in (a, b)] + [(a | b, (n * x + m * y) / (n + m), n + m)]
        found.add(a | b)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_ward_weighs_leaves_by_the_root_of_their_size(seed):
    rng = np.random.default_rng(seed)
    points, sizes = rng.normal(size=(30, 2)).astype(np.float32), rng.integers(0, 10_000, 30)
    tree = build_hierarchy(points, sizes, EUCLIDEAN, "ward")
    merged = {frozenset(tree.leaves_of(node).tolist()) for node in range(30, tree.root + 1)}
    assert merged == always_cheapest(points.astype(np.float64), np.sqrt(np.maximum(sizes, 1)))


@pytest.mark.parametrize("name", sorted(linkages()))
@pytest.mark.parametrize("seed", range(3))
def test_altitudes_never_fall_on_the_way_up_and_nodes_are_in_their_order(ball, name, seed):
    rng = np.random.default_rng(seed)
    tree = build_hierarchy(in_ball(rng, 200), rng.integers(0, 10**6, 200), ball, name)
    tree.check()
    assert (tree.altitudes[tree.parents] >= tree.altitudes).all()
    assert (np.diff(tree.altitudes[200:]) >= 0).all()


@pytest.mark.parametrize("name", sorted(linkages()))
def test_the_same_leaves_give_the_same_tree_even_with_ties(name):
    grid = np.stack(np.meshgrid(*3 * [np.arange(5.0)], indexing="ij"), axis=-1).reshape(-1, 3).astype(np.float32)
    first, second = (build_hierarchy(grid, np.full(125, 3), EUCLIDEAN, name) for _ in range(2))
    first.check()
    np.testing.assert_array_equal(first.parents, second.parents)


@pytest.mark.parametrize("name", sorted(linkages()))
def test_leaves_that_coincide_merge_first(ball, name):
    points = np.repeat(in_ball(np.random.default_rng(0), 6), 5, axis=0)
    tree = build_hierarchy(points, np.arange(30), ball, name)
    tree.check()
    assert (tree.altitudes[30:54] == 0).all()
    regions = lookup(tree, cut_at(tree, 6))[1:].reshape(6, 5)
    assert (regions == regions[:, :1]).all()


@pytest.mark.parametrize("name", sorted(linkages()))
def test_two_leaves_join_at_their_distance(ball, name):
    points = np.array([[0, 0], [0.5, 0]], np.float32)
    tree = build_hierarchy(points, np.array([9, 9]), ball, name)
    assert tree.parents.tolist() == [2, 2, 2]
    assert tree.altitudes[2] == pytest.approx(2 * np.arctanh(0.5), rel=1e-5)


@pytest.mark.parametrize("name", sorted(linkages()))
def test_leaves_without_voxels_stay_in_the_tree(name):
    rng = np.random.default_rng(0)
    sizes = np.array([0, 5] * 10)
    tree = build_hierarchy(rng.normal(size=(20, 2)).astype(np.float32), sizes, EUCLIDEAN, name)
    tree.check()
    assert tree.sizes[tree.root] == 50
    assert sorted(tree.leaf_order.tolist()) == list(range(20))


def first_alone(tree, leaves):
    """The smallest number of regions at which `leaves` share none with the others."""
    for k in range(2, tree.n_leaves + 1):
        regions = lookup(tree, cut_at(tree, k))[1:]
        if not set(regions[leaves]) & set(np.delete(regions, leaves)):
            return k
    return tree.n_leaves


def test_a_rare_structure_far_away_is_not_swallowed_by_the_large():
    rng = np.random.default_rng(0)
    large, rare = rng.normal(size=(30, 2)) * [3, 0.3], rng.normal(size=(2, 2)) * 0.1 + [0, 8]
    points = np.concatenate([large, rare]).astype(np.float32)
    sizes = np.array([100_000] * 30 + [2_000] * 2)
    ward = build_hierarchy(points, sizes, EUCLIDEAN, "ward")
    by_voxel = build_hierarchy(points, sizes**2, EUCLIDEAN, "ward")
    assert first_alone(ward, [30, 31]) < first_alone(by_voxel, [30, 31])


def test_a_distance_that_is_not_quite_symmetric_still_ends(ball):
    rng = np.random.default_rng(0)

    def noisy(first, second):
        return np.abs(EUCLIDEAN.pairwise(first, second) * (1 + 0.3 * rng.normal(size=(len(first), len(second)))))

    points = rng.normal(size=(150, 2)).astype(np.float32)
    for name in linkages():
        build_hierarchy(points, np.ones(150, np.int64), Metric(noisy, EUCLIDEAN.centroid), name).check()


def test_the_job_says_how_far_it_is():
    events = []
    points = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    drive(build_hierarchy_job(points, np.ones(300, np.int64), EUCLIDEAN), events.append)
    assert events
    assert all(isinstance(event, Progress) and event.stage == "tree" and event.total == 299 for event in events)


def test_a_linkage_refuses_more_leaves_than_its_memory_allows():
    points = np.zeros((CONTEXT_MAX_LEAVES + 1, 2), np.float32)
    with pytest.raises(SettingError, match="'context' takes 1 to 4096 leaves, not 4097"):
        build_hierarchy(points, np.ones(len(points), np.int64), EUCLIDEAN, "context")


def test_an_unknown_linkage_is_named_with_those_there_are():
    with pytest.raises(SettingError, match="no linkage 'single'; choose one of context, ward"):
        build_hierarchy(np.zeros((2, 2), np.float32), np.ones(2, np.int64), EUCLIDEAN, "single")


def test_leaves_off_the_manifold_are_reported():
    points = np.zeros((4, 2), np.float32)
    points[1] = np.nan
    with pytest.raises(InputError, match="1 of 4 leaves have no place"):
        build_hierarchy(points, np.ones(4, np.int64), EUCLIDEAN)
    nowhere = Metric(lambda first, second: np.full((len(first), len(second)), np.nan), EUCLIDEAN.centroid)
    for name in linkages():
        with pytest.raises(InputError, match="outside the latent space"):
            build_hierarchy(np.zeros((4, 2), np.float32), np.ones(4, np.int64), nowhere, name)
