"""Cuts, kept levels and labels are those of the tree that was chosen, and say which it is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.project.label_choice import LabelChoice
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Level

SHAPE = (6, 7, 8)


@pytest.fixture
def project(whole: Callable[[], Project]) -> Project:
    """Four leaves: parts ((0 1) (2 3)), kinds ((0 2) (1 3))."""
    made = whole()
    assert made.hierarchy is not None
    tree = made.hierarchy
    kinds = replace(tree, parents=np.array([4, 5, 4, 5, 6, 6, 6], dtype=np.int32))
    (leaves,) = made.store.start_segmentation([SHAPE])
    leaves[:] = np.arange(336).reshape(SHAPE) // 84 + 1
    made.store.finish_segmentation({PARTS: tree, KINDS: kinds}, {"seconds": 1}, LeafFeatures.of(tree))
    made.reload()
    return made


def labels(project: Project, what: Cut | Level | None = None) -> list[int]:
    """Region of each leaf."""
    return np.asarray(project.label_image(what).data[:]).ravel()[::84].tolist()


def test_the_tree_that_was_chosen_is_cut(project: Project) -> None:
    told: list[str] = []
    project.changed.connect(told.append)
    parts = labels(project, project.cut(2))
    project.choose_tree(KINDS)
    assert told == ["tree"]
    assert (project.tree, project.cut(2).tree) == (KINDS, KINDS)
    kinds = labels(project, project.cut(2))
    assert (parts[0] == parts[1], kinds[0] == kinds[2], kinds[0] == kinds[1]) == (True, True, False)


def test_a_cut_means_the_same_whichever_tree_is_chosen(project: Project) -> None:
    project.choose_tree(KINDS)
    choice = LabelChoice("regions", cut=project.cut(2))
    elsewhere = Project.open(project.path)
    assert elsewhere.tree == PARTS
    expected = labels(project, project.cut(2))
    assert np.asarray(choice.image(elsewhere, 0).data[:]).ravel()[::84].tolist() == expected


def test_a_kept_level_remembers_its_tree(project: Project) -> None:
    project.choose_tree(KINDS)
    project.keep_level("kinds", project.cut(2))
    project.choose_tree(PARTS)
    opened = Project.open(project.path)
    assert opened.level("kinds").tree == KINDS
    assert labels(opened, opened.level("kinds"))[0] == labels(opened, opened.level("kinds"))[2]


def test_levels_of_earlier_versions_are_of_parts() -> None:
    assert Level.from_json({"name": "a", "nodes": [1], "segmentation": "b"}).tree == PARTS


def test_a_tree_that_is_not_there_is_refused_with_what_to_do(whole: Callable[[], Project]) -> None:
    alone = whole()
    with pytest.raises(SettingError, match="hypseg regroup"):
        alone.choose_tree(KINDS)
    with pytest.raises(SettingError, match="choose one of parts, kinds"):
        alone.choose_tree("looks")
    with pytest.raises(SettingError, match="hypseg regroup"):
        alone.label_image(Cut((0, 1), KINDS))
    assert alone.tree == PARTS
