import numpy as np
import pytest

from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.hierarchy.colour.node_colours import N_DISTINCT, colour_table, node_colours
from napari_hypseg.hierarchy.cuts import checked_cut, cut_at, lookup, region_nodes
from napari_hypseg.hierarchy.tree import KINDS, Hierarchy
from tests.scipy_tree import split_at

# Viénot, Brettel and Mollon (1999), in linear RGB: not the simulation the colours were chosen with.
NORMAL = np.eye(3)
PROTANOPE = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
DEUTERANOPE = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
# sRGB to CIELAB, D65, also independent of the package.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def cielab(rgb, eye=NORMAL):
    xyz = np.clip(linear(np.asarray(rgb, np.float64)) @ eye.T, 0, 1) @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def region_colours(tree, k):
    return node_colours(tree)[region_nodes(tree, cut_at(tree, k)), :3]


def closest(lab):
    between = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    return between[~np.eye(len(lab), dtype=bool)].min()


@pytest.fixture(params=range(6))
def tree(request, make_tree, unbalanced):
    return unbalanced if request.param == 5 else make_tree(request.param, 200, ("average", "ward")[request.param % 2])


@pytest.mark.parametrize("eye", [NORMAL, PROTANOPE, DEUTERANOPE], ids=["normal", "protanope", "deuteranope"])
def test_the_first_regions_stay_apart_for_all_eyes(tree, eye):
    # A difference of 2.3 in CIELAB is just noticed; half of it is left at opacity 0.5.
    for k, distance in ((2, 25), (4, 12), (8, 9), (12, 7), (16, 5)):
        assert closest(cielab(region_colours(tree, k), eye)) > distance


def test_every_colour_can_be_seen_over_black_and_over_grey(tree):
    lab = cielab(node_colours(tree)[:, :3])
    assert lab[:, 0].min() > 40
    assert np.linalg.norm(lab[:, 1:], axis=1).min() > 8


def test_the_first_split_is_calm_blue_against_warm_orange(tree):
    (_, a1, b1), (_, a2, b2) = cielab(region_colours(tree, 2))
    assert np.hypot(a1, b1) < 25 < np.hypot(a2, b2)
    assert b1 < 0 < b2
    assert tree.sizes[region_nodes(tree, cut_at(tree, 2))][0] >= tree.sizes[tree.root] / 2


def test_a_step_changes_the_colour_of_the_smaller_part_of_one_region_only(tree):
    for k in range(1, tree.n_leaves):
        before, after = colour_table(tree, cut_at(tree, k)), colour_table(tree, cut_at(tree, k + 1))
        changed = np.flatnonzero((before != after).any(axis=1)) - 1
        assert changed.tolist() == tree.leaves_of(tree.smaller_children[split_at(tree, k)]).tolist()


def test_a_smaller_child_is_more_like_its_origin_than_like_the_others(tree):
    ranks = []
    for k in range(2, tree.n_leaves):
        origin, child = split_at(tree, k), tree.smaller_children[split_at(tree, k)]
        others = cielab(region_colours(tree, k))
        distances = np.linalg.norm(others - cielab(node_colours(tree)[[child], :3]), axis=1)
        ranks.append((distances < distances[tree.numbers[origin] - 1]).mean())
    assert np.mean(ranks) < 0.25


def test_a_region_and_what_broke_off_from_it_differ_at_any_depth():
    rng = np.random.default_rng(0)
    tree = build_hierarchy(rng.normal(size=(600, 3)).astype(np.float32), rng.integers(1, 99, 600), EUCLIDEAN)
    assert tree.n_leaves > 2 * N_DISTINCT
    inner = np.arange(tree.n_leaves, tree.root + 1)
    lab = cielab(node_colours(tree)[:, :3])
    assert np.linalg.norm(lab[tree.smaller_children[inner]] - lab[inner], axis=1).min() > 4
    assert (lab[tree.larger_children[inner]] == lab[inner]).all()


def test_colours_are_valid_computed_once_and_cannot_be_changed(tree):
    colours = node_colours(tree)
    assert colours is node_colours(tree)
    assert colours.dtype == np.float32
    assert colours.shape == (2 * tree.n_leaves - 1, 4)
    assert colours.min() >= 0
    assert colours.max() <= 1
    assert (colours[:, 3] == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        colours[0] = 0


def test_the_table_shows_each_leaf_in_its_regions_colour_and_nothing_outside(tree):
    cut = cut_at(tree, 9)
    table = colour_table(tree, cut)
    assert table.dtype == np.float32
    assert table.shape == (tree.n_leaves + 1, 4)
    assert table[0, 3] == 0
    expected = node_colours(tree)[region_nodes(tree, cut)][lookup(tree, cut)[1:] - 1]
    np.testing.assert_array_equal(table[1:], expected)


def test_leaves_below_no_region_are_transparent(tree):
    node = int(tree.smaller_children[tree.root])
    table = colour_table(tree, checked_cut(tree, (node,)))
    assert (np.flatnonzero(table[:, 3]) - 1).tolist() == tree.leaves_of(node).tolist()


def test_hiding_a_node_hides_what_lies_below_it_and_not_what_is_more(tree):
    hidden = int(tree.smaller_children[tree.root])
    inside = set(tree.leaves_of(hidden).tolist())
    for k in (2, 5, 20):
        invisible = np.flatnonzero(colour_table(tree, cut_at(tree, k), frozenset({hidden}))[1:, 3] == 0)
        assert set(invisible.tolist()) == inside
    assert (colour_table(tree, cut_at(tree, 1), frozenset({hidden}))[1:, 3] == 1).all()


def test_one_leaf_and_two_have_colours():
    for n in (1, 2):
        points = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
        tree = build_hierarchy(points, np.ones(n, np.int64), EUCLIDEAN)
        table = colour_table(tree, cut_at(tree, n))
        assert table[:, 3].tolist() == [0] + n * [1]


@pytest.fixture
def kinds(tree):
    """Another tree over the same leaves, which shares its smaller nodes with the first."""
    rng = np.random.default_rng(3)
    pieces = cut_at(tree, 24).nodes
    order = rng.permutation(len(pieces)).tolist()
    parents = tree.parents.copy()
    top = tree.root - len(pieces) + 2
    stack = [pieces[place] for place in order]
    for node in range(top, tree.root + 1):
        parents[[stack.pop(0), stack.pop(0)]] = node
        stack.append(node)
    sizes = tree.sizes.copy()
    for node in range(top, tree.root + 1):
        sizes[node] = sizes[np.flatnonzero(parents[: tree.root] == node)].sum()
    made = Hierarchy(parents, tree.altitudes, sizes, tree.points, KINDS, tree)
    made.check()
    return made


def test_a_region_of_both_trees_has_one_colour(tree, kinds):
    here, there = node_colours(kinds), node_colours(tree)
    pieces = np.array(cut_at(tree, 24).nodes)
    np.testing.assert_array_equal(here[kinds.root], there[tree.root])
    # Of several pieces that follow from each other by the larger child, the largest that both have decides.
    topmost = [node for node in pieces if kinds.larger_children[kinds.parents[node]] != node]
    assert len(topmost) >= 8
    np.testing.assert_array_equal(here[topmost], there[topmost])


def test_the_larger_child_keeps_its_colour_in_every_tree(kinds):
    colours = node_colours(kinds)
    merges = np.arange(kinds.n_leaves, kinds.root + 1)
    np.testing.assert_array_equal(colours[kinds.larger_children[merges]], colours[merges])


def test_regions_of_the_second_tree_stay_apart_as_well(kinds):
    for k, distance in ((2, 12), (4, 7), (8, 5)):
        assert closest(cielab(region_colours(kinds, k))) > distance
