"""Trees are made anew from what a project keeps: without model and volumes, the same ones bit by bit."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline import regroup, run
from napari_hypseg.pipeline.replay import carry_over
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure, OpenRegion
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom


@pytest.fixture(scope="module", params=["hyperbolic", "hyperspherical"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = {
        "method": request.param,
        "model": {"width": 4, "latent_dim": 2},
        "training": {"steps": 1, "crop": 16},
        "leaves": {"leaves": 12},
    }
    specimens = [Specimen(phantom((40, 44, 36), seed=1).volume)]
    project = Project.create(tmp_path_factory.mktemp("made") / "p", specimens, RunSettings.check(settings))
    quietly(run(project))
    project.close()
    return project.path


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Project:
    shutil.copytree(made, tmp_path / "copy.hypseg")
    return Project.open(tmp_path / "copy.hypseg", write=True)


def as_earlier(project: Project, descriptors: bool) -> None:
    """The same leaves with the tree of parts alone, as an earlier version wrote them."""
    old = project.segmentation
    assert old is not None
    (leaves,) = project.store.start_segmentation([old.leaves[0].shape])
    leaves[:] = old.leaves[0][...]
    known = LeafFeatures.of(old.hierarchy, descriptors=old.descriptors if descriptors else None)
    project.store.finish_segmentation({PARTS: old.hierarchy}, old.record, known)
    project.reload()


def test_the_trees_of_a_run_are_made_again_bit_by_bit_without_the_model(copy: Project) -> None:
    copy.store.checkpoint_file.unlink()
    shutil.rmtree(copy.path / "volumes")
    assert copy.segmentation is not None
    assert quietly(regroup(copy)) == copy.segmentation.fingerprint


@pytest.mark.parametrize("descriptors", [True, False])
def test_an_earlier_project_gets_its_second_tree_and_keeps_the_first(copy: Project, descriptors: bool) -> None:
    expected = copy.segmentation
    as_earlier(copy, descriptors)
    assert expected is not None
    assert list(copy.hierarchies) == [PARTS]
    fingerprint = quietly(regroup(copy))
    # Descriptors that are computed of leaves, not of their supervoxels, differ by rounding.
    assert fingerprint == expected.fingerprint or not descriptors
    copy.reload()
    assert copy.damage == ()
    np.testing.assert_allclose(copy.hierarchies[KINDS].altitudes, expected.hierarchies[KINDS].altitudes, rtol=1e-4)
    np.testing.assert_array_equal(copy.hierarchies[KINDS].parents, expected.hierarchies[KINDS].parents)
    np.testing.assert_array_equal(copy.leaves[0][...], expected.leaves[0][...])


def test_structures_stay_and_what_was_opened_by_hand_is_named(copy: Project) -> None:
    as_earlier(copy, descriptors=True)
    assert copy.structures is not None
    copy.structures.do(OpenRegion(tree=PARTS, node=copy.hierarchies[PARTS].root))
    copy.structures.do(MakeStructure(name="shell", colour=(1.0, 0.0, 0.0), leaves="0-2,5"))
    copy.keep_level("mine", copy.cut(3))
    before = copy.structures.annotation.leaves(1)
    quietly(regroup(copy))
    copy.reload()
    replayed = quietly(carry_over(copy))
    assert len(replayed.done) == len(replayed.left_out) == 1
    assert "open node" in replayed.left_out[0]
    np.testing.assert_array_equal(copy.structures.annotation.leaves(1), before)
    again = Project.open(copy.path)
    assert again.structures is not None
    assert [one.name for one in again.structures.annotation.structures.values()] == ["shell"]
    assert again.label_image(again.level("mine")).maximum == 3, "a kept level stays one of the tree it was kept from"


def test_a_project_without_segmentation_has_nothing_to_regroup(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p", [Specimen(phantom((16, 16, 16), seed=1).volume)], RunSettings())
    with pytest.raises(ProjectError, match="no segmentation yet"):
        quietly(regroup(project))
