"""Descriptors are stored with a segmentation and are no part of what it is told apart by."""

from collections.abc import Callable

import numpy as np
import pytest

from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.project.project import Project


def without_descriptors(project: Project) -> str:
    """The same leaves and tree again, as an earlier version wrote them."""
    segmentation = project.segmentation
    assert segmentation is not None
    (leaves,) = project.store.start_segmentation([segmentation.leaves[0].shape])
    leaves[:] = segmentation.leaves[0][...]
    return project.store.finish_segmentation(segmentation.hierarchies, {"seconds": 1})


def test_they_come_back_as_written(whole: Callable[[], Project]) -> None:
    project = Project.open(whole().path)
    assert project.segmentation is not None
    np.testing.assert_array_equal(project.segmentation.descriptors, np.arange(12).reshape(4, 3))
    assert project.segmentation.descriptors.dtype == np.float32


def test_a_segmentation_of_an_earlier_version_has_none_and_the_same_fingerprint(whole: Callable[[], Project]) -> None:
    project = whole()
    before = project.segmentation
    assert before is not None
    assert without_descriptors(project) == before.fingerprint
    opened = Project.open(project.path)
    assert opened.damage == ()
    assert opened.segmentation is not None
    assert opened.segmentation.descriptors is None


@pytest.mark.parametrize(
    "values", [np.zeros((3, 2), np.float32), np.full((4, 2), np.nan, np.float32), np.zeros((4, 2))]
)
def test_those_of_other_leaves_are_damage(whole: Callable[[], Project], values: np.ndarray) -> None:
    project = whole()
    (leaves,) = project.store.start_segmentation([(6, 7, 8)])
    leaves[:] = np.ones((6, 7, 8))
    assert project.segmentation is not None
    project.store.finish_segmentation(
        project.segmentation.hierarchies,
        {"seconds": 1},
        LeafFeatures.of(project.segmentation.hierarchy, descriptors=values),
    )
    opened = Project.open(project.path)
    assert opened.segmentation is not None
    with pytest.raises(ProjectError, match="cannot be read as the descriptors of regions"):
        opened.segmentation.descriptors  # noqa: B018


def test_they_are_removed_with_their_segmentation(whole: Callable[[], Project], segmented: Callable[..., str]) -> None:
    project = whole()
    project.remove_level("four")
    assert project.segmentation is not None
    old = project.store.segmentation_folder(project.segmentation.fingerprint)
    segmented(project, 1.0)
    project.close()
    path = project.path
    del project  # nobody reads the old one any more
    Project.open(path, write=True).close()
    assert not old.exists()
