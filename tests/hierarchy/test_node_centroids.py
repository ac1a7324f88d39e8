import numpy as np
import pytest

from napari_hypseg.geometry.space_form import SpaceForm
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.hierarchy.node_centroids import edges_above, node_centroids


def test_nodes_lie_at_the_weighted_mean_of_their_leaves(make_tree, ball):
    tree = make_tree(0, 40)
    in_ball = 0.9 * np.tanh(0.1 * tree.points)
    in_ball /= np.sqrt(tree.points.shape[1])
    space = SpaceForm(-1)
    nodes = np.array([0, 45, 70, tree.root])
    found = node_centroids(tree, space, space.lift(in_ball), nodes)
    for place, node in zip(found, nodes, strict=True):
        below = tree.leaves_of(node)
        expected = ball.centroid(in_ball[below][None], np.maximum(tree.sizes[below], 1)[None])[0]
        np.testing.assert_allclose(place[1:] / (1 + place[0]), expected, atol=1e-6)


@pytest.mark.parametrize("k", [1, 2, 9, 40])
def test_edges_are_a_tree_down_to_the_regions(make_tree, k):
    tree = make_tree(1, 40)
    edges = edges_above(tree, cut_at(tree, k))
    assert len(edges) == 2 * (k - 1)
    assert set(edges[:, 1].tolist()) >= set(cut_at(tree, k).nodes) - {tree.root}
    assert (tree.parents[edges[:, 1]] == edges[:, 0]).all()
    assert len(edges_above(tree, cut_at(tree, k), most=5)) == 2 * (min(k, 5) - 1)
