"""A segmentation brings its descriptors along; for one without, they are computed from the volumes."""

import shutil

import numpy as np
import pytest

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline import describe, run
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom


@pytest.fixture(scope="module")
def segmented(tmp_path_factory):
    settings = {"model": {"width": 4, "latent_dim": 2}, "training": {"steps": 1, "crop": 16}, "leaves": {"leaves": 12}}
    specimens = [Specimen(phantom((40, 44, 36), seed=1).volume)]
    project = Project.create(tmp_path_factory.mktemp("made") / "p", specimens, RunSettings.check(settings))
    quietly(run(project))
    project.close()
    return project.path


def test_what_was_stored_is_what_is_computed_where_it_is_missing_or_damaged(segmented, tmp_path):
    stored = Project.open(segmented).segmentation
    assert stored.descriptors.shape == (stored.hierarchy.n_leaves, 12)
    copy = tmp_path / "copy.hypseg"
    shutil.copytree(segmented, copy)
    shutil.rmtree(copy / "segmentations" / stored.fingerprint / "descriptors.zarr")
    project = Project.open(copy)
    assert project.damage == ()
    with pytest.raises(ProjectError, match=r"descriptors\.zarr is damaged"):
        project.segmentation.descriptors  # noqa: B018
    np.testing.assert_allclose(quietly(describe(project)), stored.descriptors, rtol=1e-5, atol=1e-6)
    assert list(describe(Project.open(segmented))) == [], "nothing is computed"


def test_a_project_without_segmentation_cannot_be_described(tmp_path):
    project = Project.create(tmp_path / "p", [Specimen(phantom((16, 16, 16), seed=1).volume)], RunSettings())
    with pytest.raises(ProjectError, match="no segmentation yet"):
        quietly(describe(project))
