"""A project keeps both trees over its leaves, and what they were made of."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.leaf_features import MOST_SAMPLED, LeafFeatures
from napari_hypseg.hierarchy.tree import KINDS, PARTS, Hierarchy
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.verification import verify

SHAPE = (6, 7, 8)


def other_tree(tree: Hierarchy) -> Hierarchy:
    """((0 2) (1 3))."""
    return replace(tree, parents=np.array([4, 5, 4, 5, 6, 6, 6], dtype=np.int32))


def with_kinds(project: Project, kinds: Hierarchy | None = None) -> str:
    """Give a project a second tree, and features."""
    assert project.hierarchy is not None
    tree = project.hierarchy
    (leaves,) = project.store.start_segmentation([SHAPE])
    leaves[:] = np.arange(336).reshape(SHAPE) // 84 + 1
    factors, words = np.zeros((4, 0), np.float32), np.arange(4, dtype=np.uint16)
    features = LeafFeatures.of(
        tree,
        factors=factors,
        words=words,
        contexts=np.full((4, 4), 0.25, np.float32),
        supervoxels=np.zeros((7, tree.points.shape[1]), np.float32),
    )
    return project.store.finish_segmentation({PARTS: tree, KINDS: kinds or other_tree(tree)}, {}, features)


def test_both_trees_come_back(whole: Callable[[], Project]) -> None:
    project = whole()
    alone = project.segmentation
    assert alone is not None
    assert list(alone.hierarchies) == [PARTS]
    assert with_kinds(project) != alone.fingerprint, "other trees are another segmentation"
    opened = Project.open(project.path)
    assert opened.damage == ()
    assert list(opened.hierarchies) == [PARTS, KINDS]
    np.testing.assert_array_equal(opened.hierarchies[KINDS].parents, [4, 5, 4, 5, 6, 6, 6])
    np.testing.assert_array_equal(opened.hierarchies[KINDS].points, alone.hierarchy.points)
    assert quietly(verify(opened)) == ()
    assert opened.segmentation is not None
    features = opened.segmentation.features
    assert features.factors is not None
    assert features.factors.shape == (4, 0)
    np.testing.assert_array_equal(features.words, np.arange(4))
    np.testing.assert_array_equal(features.contexts, np.full((4, 4), 0.25))
    assert features.descriptors is None
    np.testing.assert_array_equal(features.supervoxels, np.zeros((7, features.points.shape[1])))


@pytest.mark.parametrize(
    ("shape", "words"), [((MOST_SAMPLED + 1, 2), "does not hold"), ((5, 9), "different dimensions")]
)
def test_a_sample_that_does_not_fit_is_damage(whole: Callable[[], Project], shape: tuple[int, int], words: str) -> None:
    project = whole()
    tree = project.hierarchy
    assert tree is not None
    (leaves,) = project.store.start_segmentation([SHAPE])
    leaves[:] = np.arange(336).reshape(SHAPE) // 84 + 1
    features = LeafFeatures.of(tree, supervoxels=np.zeros(shape, np.float32))
    project.store.finish_segmentation({PARTS: tree, KINDS: other_tree(tree)}, {}, features)
    segmentation = Project.open(project.path).segmentation
    assert segmentation is not None
    with pytest.raises(ProjectError, match=words):
        _ = segmentation.features


def test_what_an_earlier_version_did_not_keep_is_none(whole: Callable[[], Project]) -> None:
    segmentation = Project.open(whole().path).segmentation
    assert segmentation is not None
    found = segmentation.features
    assert found.factors is found.words is found.contexts is found.supervoxels is None
    np.testing.assert_array_equal(found.descriptors, np.arange(12).reshape(4, 3))


@pytest.mark.parametrize("name", ["parents", "sizes"])
def test_leaves_and_first_tree_open_where_the_second_is_damaged(whole: Callable[[], Project], name: str) -> None:
    project = whole()
    folder = project.store.segmentation_folder(with_kinds(project))
    shutil.rmtree(folder / "kinds.zarr" / name)
    opened = Project.open(project.path)
    assert list(opened.hierarchies) == [PARTS]
    assert len(opened.damage) == 1
    assert "kinds.zarr" in opened.damage[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sizes": np.array([83, 85, 84, 84, 167, 169, 336])},
        {"parents": np.array([4, 5, 4, 5, 5, 6, 6], dtype=np.int32)},
        {
            "parents": np.array([2, 2, 2], dtype=np.int32),
            "altitudes": np.zeros(3, np.float32),
            "sizes": np.ones(3, int),
        },
    ],
)
def test_a_second_tree_over_other_leaves_is_damage(whole: Callable[[], Project], wrong: dict[str, np.ndarray]) -> None:
    project = whole()
    assert project.hierarchy is not None
    with_kinds(project, replace(other_tree(project.hierarchy), **wrong))
    opened = Project.open(project.path)
    assert list(opened.hierarchies) == [PARTS]
    assert len(opened.damage) == 1


def test_all_is_removed_with_its_segmentation(whole: Callable[[], Project], segmented: Callable[..., str]) -> None:
    project = whole()
    path, old = project.path, project.store.segmentation_folder(with_kinds(project))
    segmented(project, 1.0)
    project.close()
    del project
    Project.open(path, write=True).close()
    assert not old.exists()
