"""Two trees over one set of leaves, each made of what is known of the leaves."""

import numpy as np
import pytest

from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.hierarchy.trees import DEFAULT_TREE, TREES, build_hierarchies
from napari_hypseg.jobs import Progress, quietly
from napari_hypseg.supervoxels.feature_weights import WEIGHTS, FeatureWeights
from napari_hypseg.supervoxels.leaf_space import LeafSpace


def features(**others: object) -> LeafFeatures:
    """Four leaves, 0 and 1, 2 and 3 near one another; 0 and 2, 1 and 3 look alike at several widths."""
    made = {
        "points": np.array([[0, 0], [1, 0], [9, 0], [10, 0]], np.float32),
        "sizes": np.array([5, 6, 7, 8]),
        "descriptors": np.array([[0, 1, 4], [9, 5, 4], [1, 1, 4], [8, 5, 4]], np.float32),
        "factors": np.zeros((4, 0), np.float32),
    }
    return LeafFeatures(**{**made, **others})


def together(tree, first: int, second: int) -> bool:
    return int(tree.parents[first]) == int(tree.parents[second])


def test_kinds_follow_the_descriptors_where_the_points_do_not_decide():
    points = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    tree = quietly(build_hierarchies(features(points=points, sizes=np.full(4, 5)), EUCLIDEAN))[KINDS]
    assert together(tree, 0, 2)
    assert together(tree, 1, 3)


def test_trees_are_over_the_same_leaves():
    built = quietly(build_hierarchies(features(), EUCLIDEAN))
    assert list(built) == [PARTS, KINDS] == list(TREES)
    assert together(built[PARTS], 0, 1)
    assert together(built[PARTS], 2, 3)
    for tree in built.values():
        tree.check()
        np.testing.assert_array_equal(tree.points, features().points)
        np.testing.assert_array_equal(tree.sizes[:4], features().sizes)
    assert DEFAULT_TREE in TREES


def in_space(*centroids: float) -> LeafSpace:
    """Where leaves are among those of all specimens, along one axis."""
    places = np.array(centroids, np.float32)[:, None]
    return LeafSpace(np.ones((1, 1), np.float32), places, np.ones(len(places), np.float32))


@pytest.mark.parametrize("name", list(TREES))
def test_leaves_of_several_specimens_merge_with_their_like_in_the_other(name: str):
    known = features(space=in_space(0, 9, 1, 10))
    shared = quietly(build_hierarchies(known, EUCLIDEAN, 2))[name]
    assert together(shared, 0, 2)
    assert together(shared, 1, 3)
    np.testing.assert_array_equal(shared.points, known.points)
    alone, without = quietly(build_hierarchies(known, EUCLIDEAN)), quietly(build_hierarchies(features(), EUCLIDEAN, 2))
    for tree in alone[name], without[name]:
        assert together(tree, 0, 1)


def test_surroundings_make_parts():
    words = np.array([0, 1, 2, 3], np.uint16)
    rows = np.array([[0.5, 0.0, 0.5, 0.0], [0.0, 0.5, 0.0, 0.5]] * 2, np.float32)
    points = np.array([[0, 0], [4, 0], [4, 4], [0, 4]], np.float32)
    known = features(points=points, words=words, contexts=rows, sizes=np.array([5, 5, 5, 5]))
    tree = quietly(build_hierarchies(known, EUCLIDEAN))[PARTS]
    assert together(tree, 0, 2)
    assert together(tree, 1, 3)


@pytest.mark.parametrize(("missing", "left"), [("factors", KINDS), ("descriptors", PARTS)])
def test_a_tree_that_cannot_be_made_is_left_out(missing: str, left: str):
    assert list(quietly(build_hierarchies(features(**{missing: None}), EUCLIDEAN))) == [left]


def test_progress_never_goes_back():
    fractions = [event.fraction for event in build_hierarchies(features(), EUCLIDEAN) if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert len(fractions) >= 2


@pytest.mark.parametrize(
    "others",
    [
        {"descriptors": np.zeros((3, 2), np.float32)},
        {"factors": np.zeros((4, 2))},
        {"factors": np.full((4, 2), np.inf, np.float32)},
        {"words": np.zeros(4, np.uint16)},
        {"words": np.array([0, 1, 2, 9], np.uint16), "contexts": np.full((4, 10), 0.1, np.float32)},
        {"words": np.zeros(3, np.uint16), "contexts": np.ones((4, 1), np.float32)},
        {"words": np.array([0, 1, 0, 1], np.uint16), "contexts": np.ones((4, 3), np.float32)},
        {"words": np.array([0, 1, 0, 1], np.uint16), "contexts": np.full((4, 2), -1, np.float32)},
    ],
)
def test_features_that_do_not_belong_together_are_refused(others: dict):
    features().check()
    with pytest.raises(ValueError, match=r"leaves|finite|words|contexts"):
        features(**others).check()


def test_what_has_no_weight_does_not_count():
    known = features(factors=np.array([[0, 5], [5, 0], [0, 5], [5, 0]], np.float32))
    plain = features(descriptors=np.zeros((4, 3), np.float32))
    for name, weights in ((PARTS, FeatureWeights(factors=0.0)), (KINDS, FeatureWeights(descriptors=0.0))):
        weightless = quietly(TREES[name].build(known, EUCLIDEAN, weights))
        np.testing.assert_allclose(
            weightless.altitudes, quietly(TREES[name].build(plain, EUCLIDEAN, WEIGHTS)).altitudes
        )
        assert (weightless.altitudes != quietly(TREES[name].build(known, EUCLIDEAN, WEIGHTS)).altitudes).any()
