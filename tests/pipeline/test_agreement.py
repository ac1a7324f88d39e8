"""Counting labels against the leaves of a project."""

from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.hierarchy.contingency import contingency
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.pipeline.agreement import Foreground, agreement_job
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.project.specimen_grid import on_specimen_grid
from napari_hypseg.volumes import Volume
from tests.project.conftest import cell, segment


@pytest.fixture
def project(tmp_path):
    """Four leaves of 84 voxels one after the other."""
    made = Project.create(tmp_path / "cell", [cell()], RunSettings())
    segment(made)
    made.reload()
    yield made
    made.close()


@pytest.fixture
def labels(project):
    """Class 2 is the first two leaves, the rest is background."""
    return np.where(project.leaves[0][:] <= 2, 2, 0).astype(np.uint8)


def test_counts_are_made_in_one_pass_with_progress(project, labels):
    seen = []
    counts = drive(agreement_job(project, labels), seen.append)
    assert all(isinstance(one, Progress) and one.stage == "score" for one in seen)
    assert seen[-1].fraction == 1
    np.testing.assert_array_equal(counts.table.counts, contingency(project.leaves[0], labels, 4).counts)
    assert [limit.union_dice for limit in counts.limits] == [1, 1]
    found = counts.agreement(project.hierarchy, project.cut(4), project.structures.annotation)
    assert [one.dice for one in found.classes] == pytest.approx([2 / 3] * 2)


def test_only_what_is_labelled_can_be_counted_and_nothing_labelled_is_said(project, labels):
    counts = quietly(agreement_job(project, labels, labelled_only=True))
    assert counts.table.classes.tolist() == [2]
    assert counts.limits[0].union_dice == 1
    with pytest.raises(InputError, match="mine holds no label above 0"):
        quietly(agreement_job(project, np.zeros_like(labels), name="mine", labelled_only=True))


def test_all_labels_can_be_taken_as_one(labels):
    np.testing.assert_array_equal(Foreground(labels * 50)[1, ::2], labels[1, ::2] > 0)
    assert Foreground(labels).shape == labels.shape


def test_labels_on_another_grid_are_refused_and_what_was_assumed_is_noted(project, labels):
    grid = project.records[0].grid
    volume = Volume((labels,), grid.voxel_size, grid.unit, grid.origin, "mine")
    assert on_specimen_grid(volume, project).channels[0] is labels
    with pytest.raises(InputError, match="mine has"):
        on_specimen_grid(replace(volume, channels=(labels[1:],)), project)
    with pytest.raises(InputError, match="no specimen 3"):
        on_specimen_grid(volume, project, 3)
