"""The linkage "context": against the written formula of its cost, and on a volume of a whole with parts in it."""

import itertools

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy, build_hierarchy_job
from napari_hypseg.hierarchy.agglomeration.linkage import CONTEXT_MAX_LEAVES
from napari_hypseg.hierarchy.context.co_occurrence import co_occurrence
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.inference.grey_source import GreySource
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.volumes import Specimen, Volume


def random_leaves(seed, n, n_words=5):
    """Points, sizes (some 0) and contexts (some with words that never occur)."""
    rng = np.random.default_rng(seed)
    contexts = rng.gamma(0.4, size=(n, 3 * n_words)) * (rng.random((n, 3 * n_words)) < 0.7)
    contexts[:, 0] += 0.01
    sizes = rng.integers(0, 10_000, n) * (rng.random(n) < 0.9)
    return rng.normal(size=(n, 2)).astype(np.float32), sizes, contexts / contexts.sum(axis=1, keepdims=True)


def entropy(shares):
    shares = np.asarray(shares)[np.asarray(shares) > 0]
    return -(shares * np.log(shares)).sum()


def cost(first, second, scale):
    """As it is written down: (leaves, share, point, weight, context) twice."""
    (_, p, x, w, a), (_, r, y, v, b) = first, second
    q = p / (p + r)
    told = (entropy(q * a + (1 - q) * b) - q * entropy(a) - (1 - q) * entropy(b)) / entropy([q, 1 - q])
    square = np.square(x - y).sum()
    return 2 * w * v / (w + v) * (square / (square + scale) + 0.05) * (told + 1e-3) ** 2


def always_cheapest(points, sizes, contexts):
    """Merged sets of leaves, and the highest cost so far, by looking at all pairs each time."""
    n = len(points)
    shares = np.maximum(sizes, 1) / np.maximum(sizes, 1).sum()
    weights = shares / shares.mean()
    squares = np.square(points[:, None] - points[None]).sum(axis=-1)
    np.fill_diagonal(squares, np.inf)
    scale = 10 * np.median(np.sqrt(squares.min(axis=1))) ** 2
    clusters = [(frozenset([i]), shares[i], points[i], weights[i], contexts[i]) for i in range(n)]
    merged, paid = [], []
    while len(clusters) > 1:
        pairs = [(i, j) for i in range(len(clusters)) for j in range(i)]
        costs = [cost(clusters[i], clusters[j], scale) for i, j in pairs]
        (a, p, x, w, left), (b, r, y, v, right) = (clusters[i] for i in pairs[int(np.argmin(costs))])
        q, u = p / (p + r), w / (w + v)
        clusters = [c for c in clusters if c[0] not in (a, b)]
        clusters.append((a | b, p + r, u * x + (1 - u) * y, w + v, q * left + (1 - q) * right))
        merged.append(a | b)
        paid.append(min(costs))
    return merged, np.maximum.accumulate(paid)


@pytest.mark.parametrize("seed", range(4))
def test_the_cheapest_pair_by_the_written_formula_merges_next(seed):
    points, sizes, contexts = random_leaves(seed, 31)
    tree = build_hierarchy(points, sizes, EUCLIDEAN, "context", contexts)
    merged, paid = always_cheapest(points.astype(np.float64), sizes, contexts)
    assert {frozenset(tree.leaves_of(node).tolist()) for node in range(31, tree.root + 1)} == set(merged)
    np.testing.assert_allclose(tree.altitudes[31:], np.sqrt(paid), rtol=1e-4)


BACKGROUND, SPHERE, LIGHT, DARK = range(4)
LOOKS = np.array([[0.0, 0.0], [2.0, 0.0], [0.8, 1.0], [0.8, -1.0]])
LEAVES_EACH = 5


@pytest.fixture(scope="module")
def nested():
    """Leaf ids, points and sizes: noisy leaves of a background, of a sphere, and of two kinds of objects in it."""
    grid = np.stack(np.meshgrid(*3 * [np.arange(44)], indexing="ij"), axis=-1)
    classes = np.zeros(grid.shape[:3], dtype=np.int64)
    classes[np.linalg.norm(grid - 22, axis=-1) < 17] = SPHERE
    for y, x in itertools.product((15, 29), repeat=2):
        for z, kind in ((15, LIGHT), (29, DARK)):
            classes[np.linalg.norm(grid - [z, y, x], axis=-1) < 4] = kind
    rng = np.random.default_rng(0)
    leaves = classes * LEAVES_EACH + rng.integers(0, LEAVES_EACH, classes.shape)
    looks = np.repeat(LOOKS, LEAVES_EACH, axis=0)
    points = (looks + rng.normal(0, 0.1, looks.shape)).astype(np.float32)
    return leaves.astype(np.uint16) + 1, points, np.bincount(leaves.ravel(), minlength=len(points))


def in_context(nested):
    ids, points, sizes = nested
    k = len(points)
    fallback = MemoryFallback(GreySource.of([Specimen(Volume((ids,)))]))
    contexts = quietly(co_occurrence(fallback, [ids], np.arange(k), k, k))
    return build_hierarchy(points, sizes, EUCLIDEAN, contexts=contexts)


def regions(tree, k):
    """For each class the regions of its leaves."""
    return [set(found) for found in lookup(tree, cut_at(tree, k))[1:].reshape(4, LEAVES_EACH).tolist()]


def test_two_regions_are_the_background_and_the_whole_with_its_parts(nested):
    background, sphere, light, dark = regions(in_context(nested), 2)
    assert len(background) == len(sphere) == 1
    assert background != sphere == light == dark


def test_by_looks_alone_the_parts_go_with_the_background_that_they_are_nearer_to(nested):
    to_background, to_sphere = (np.linalg.norm(LOOKS[[LIGHT, DARK]] - LOOKS[kind], axis=1) for kind in (0, 1))
    assert (to_background < 0.85 * to_sphere).all()
    _, points, sizes = nested
    background, sphere, light, dark = regions(build_hierarchy(points, sizes, EUCLIDEAN, "ward"), 2)
    assert sphere != background == light == dark


def test_parts_are_told_from_their_whole_one_level_below(nested):
    background, sphere, light, dark = regions(in_context(nested), 4)
    assert sorted(background | sphere | light | dark) == [1, 2, 3, 4]
    assert all(len(found) == 1 for found in (background, sphere, light, dark))


def test_altitudes_never_fall_and_nodes_are_in_their_order(ball):
    points, sizes, contexts = random_leaves(1, 200)
    tree = build_hierarchy(0.2 * np.tanh(points), sizes, ball, "context", contexts)
    tree.check()
    assert (tree.altitudes[tree.parents] >= tree.altitudes).all()
    assert (np.diff(tree.altitudes) >= 0).all()


def test_the_same_leaves_give_the_same_tree_even_with_ties():
    grid = np.stack(np.meshgrid(*3 * [np.arange(5.0)], indexing="ij"), axis=-1).reshape(-1, 3).astype(np.float32)
    contexts = np.full((125, 6), 1 / 6)
    first, second = (build_hierarchy(grid, np.full(125, 3), EUCLIDEAN, "context", contexts) for _ in range(2))
    first.check()
    np.testing.assert_array_equal(first.parents, second.parents)


def test_of_equal_pairs_the_lowest_merges_first():
    points = np.array([[0.0], [1.0], [2.0], [3.0]], np.float32)
    tree = build_hierarchy(points, np.full(4, 7), EUCLIDEAN, "context", np.full((4, 3), 1 / 3))
    assert tree.leaves_of(4).tolist() == [0, 1]
    assert tree.leaves_of(5).tolist() == [2, 3]


def test_leaves_that_coincide_are_told_apart_by_where_they_are():
    contexts = np.array([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9]])
    tree = build_hierarchy(np.ones((4, 2), np.float32), np.full(4, 5), EUCLIDEAN, "context", contexts)
    assert {tuple(tree.leaves_of(node).tolist()) for node in cut_at(tree, 2).nodes} == {(0, 2), (1, 3)}


def test_leaves_alike_in_everything_still_make_a_tree():
    build_hierarchy(np.ones((9, 2), np.float32), np.zeros(9), EUCLIDEAN, "context", np.full((9, 2), 0.5)).check()


def test_one_leaf_is_a_tree_of_one_node():
    tree = build_hierarchy(np.zeros((1, 2), np.float32), np.array([7]), EUCLIDEAN, "context", np.full((1, 3), 1 / 3))
    assert tree.parents.tolist() == [0]


def test_leaves_without_voxels_stay_in_the_tree():
    points, _, contexts = random_leaves(0, 20)
    tree = build_hierarchy(points, np.array([0, 5] * 10), EUCLIDEAN, "context", contexts)
    tree.check()
    assert tree.sizes[tree.root] == 50
    assert sorted(tree.leaf_order.tolist()) == list(range(20))


def test_contexts_decide_the_default_and_without_them_it_is_ward():
    points, sizes, contexts = random_leaves(2, 40)

    def parents(*given):
        return build_hierarchy(points, sizes, EUCLIDEAN, *given).parents.tolist()

    assert parents(None, contexts) == parents("context", contexts) != parents("ward")
    assert parents() == parents("context") == parents("ward") == parents("ward", contexts)


def test_more_leaves_than_pairs_can_be_kept_of_go_to_ward():
    n = CONTEXT_MAX_LEAVES + 1
    points, contexts = np.zeros((n, 1), np.float32), np.ones((n, 1))
    with pytest.raises(SettingError, match="'context' takes 1 to 4096 leaves, not 4097"):
        build_hierarchy(points, np.ones(n, np.int64), EUCLIDEAN, "context", contexts)
    assert next(build_hierarchy_job(points, np.ones(n, np.int64), EUCLIDEAN, None, contexts)).stage == "tree"


def test_the_job_says_how_far_it_is():
    events = []
    points, sizes, contexts = random_leaves(0, 300)
    drive(build_hierarchy_job(points, sizes, EUCLIDEAN, "context", contexts), events.append)
    assert events
    assert all(isinstance(event, Progress) and event.stage == "tree" and event.total == 299 for event in events)
