"""First regions: there without learning, at any size, and replaced by what is learned."""

import sys

import numpy as np
import pytest

from napari_hypseg import pipeline
from napari_hypseg.errors import InputError, OutputError, ProjectError
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.jobs import Notice, Progress, drive, quietly
from napari_hypseg.pipeline import first_regions
from napari_hypseg.pipeline.regroup import regroup
from napari_hypseg.pipeline.replay import carry_over
from napari_hypseg.pipeline.speed_cache import SpeedCache
from napari_hypseg.project.copying import copy_project
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.project.verification import verify
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.phantom import phantom

SETTINGS = {
    "model": {"width": 4, "latent_dim": 3},
    "training": {"steps": 1, "crop": 16},
    "leaves": {"leaves": 20},
}


@pytest.fixture(scope="module")
def volume():
    return phantom((40, 44, 48), seed=0).volume


@pytest.fixture
def project(tmp_path, volume):
    return Project.create(tmp_path / "p", [Specimen(volume)], RunSettings.check(SETTINGS))


@pytest.fixture
def few_cells(monkeypatch):
    monkeypatch.setattr(sys.modules[first_regions.__module__], "CELLS", 20 * 22 * 24)


def made(project):
    quietly(first_regions(project))
    project.reload()
    assert project.damage == ()
    return project


def counted(project):
    return sum(
        np.bincount(np.asarray(ids[:]).ravel(), minlength=project.hierarchy.n_leaves + 1) for ids in project.leaves
    )


def check_sizes(project):
    for tree in project.hierarchies.values():
        np.testing.assert_array_equal(counted(project)[1:], tree.sizes[: tree.n_leaves])


def test_trees_without_a_model(project):
    made(project)
    assert project.segmentation.from_filters
    assert not project.has_checkpoint
    assert list(project.hierarchies) == [PARTS, KINDS]
    assert project.hierarchy.n_leaves > 10
    assert project.leaves[0].shape == (40, 44, 48)
    assert counted(project)[0] == 0
    check_sizes(project)


def test_larger_cells_where_there_are_many_voxels(project, few_cells):
    made(project)
    stored = project.store.open_segmentation(project.segmentation.fingerprint).array("leaves-0.zarr")
    assert stored.shape == (20, 22, 24)
    assert project.leaves[0].shape == (40, 44, 48)
    check_sizes(project)
    assert quietly(verify(project)) == ()


def test_nothing_outside_box_and_mask(tmp_path, volume, few_cells):
    mask = np.zeros(volume.shape, dtype=np.uint8)
    mask[8:] = 1
    box = Box((3, 5, 0), (38, 44, 41))
    both = [Specimen(volume, Volume((mask,)), box), Specimen(phantom((30, 30, 30), seed=1).volume)]
    project = made(Project.create(tmp_path / "p", both, RunSettings.check(SETTINGS)))
    inside = np.asarray(project.leaves[0][:]) > 0
    assert not inside[:7].any()
    assert inside[9:38, 5:, :41].all()
    assert not inside[:, :5].any()
    assert not inside[38:].any()
    assert not inside[:, :, 41:].any()
    assert (np.asarray(project.leaves[1][:]) > 0).all()
    check_sizes(project)


def test_the_same_regions_each_time(project):
    assert quietly(first_regions(project)) == quietly(first_regions(project))


def test_progress_is_one_stage_that_grows(project):
    steps = []
    drive(first_regions(project), lambda event: steps.append(event) if isinstance(event, Progress) else None)
    assert {event.stage for event in steps} == {"first"}
    fractions = [event.fraction for event in steps]
    assert fractions == sorted(fractions)
    assert 0.9 < fractions[-1] <= 1
    assert any(event.seconds_left is not None for event in steps)


def test_cancelled_it_leaves_nothing(project):
    job = first_regions(project)
    for event in job:
        if event.fraction > 0.5:
            break
    job.close()
    assert not list(project.store.segmentations.iterdir())
    project.reload()
    assert project.hierarchy is None


def test_learned_regions_take_their_place_and_structures_are_carried_over(project, few_cells):
    made(project)
    project.set_regions(6)
    leaves = project.hierarchy.leaves_of(project.cut(4).nodes[0])
    project.structures.do(MakeStructure(name="core", colour=(1.0, 0.0, 0.0), leaves=to_ranges(leaves)))
    old = np.asarray(project.structures.mask("core")[:])
    quietly(pipeline.run(project))
    project.reload()
    assert not project.segmentation.from_filters
    assert project.n_regions == 6
    replayed = quietly(carry_over(project))
    assert (replayed.structures, replayed.carried) == (1, 1)
    new = np.asarray(project.structures.mask("core")[:])
    assert new.any()
    assert replayed.kept == pytest.approx((old & new).sum() / old.sum())
    assert replayed.summary == f"1 structure carried over, {100 * replayed.kept:.1f} % of their voxels"


def test_what_was_learned_is_never_replaced(project):
    quietly(pipeline.learn(project))
    with pytest.raises(ProjectError, match="has learned already"):
        quietly(first_regions(project))
    quietly(pipeline.segment(project))
    project.store.checkpoint_file.unlink()
    project.reload()
    with pytest.raises(ProjectError, match="has learned already"):
        quietly(first_regions(project))


def test_who_may_only_read_makes_none(project):
    project.close()
    with pytest.raises(ProjectError, match="opened for reading"):
        quietly(first_regions(Project.open(project.path)))


def test_a_full_disk_is_one_sentence(project, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(project.store, "start_segmentation", full)
    with pytest.raises(OutputError, match="full"):
        quietly(first_regions(project))


def test_a_constant_volume_says_so(tmp_path):
    flat = Specimen(Volume((np.ones((20, 20, 20), np.float32),)))
    project = Project.create(tmp_path / "p", [flat], RunSettings.check(SETTINGS))
    with pytest.raises(InputError, match="every voxel is 1"):
        quietly(first_regions(project))


def test_what_is_odd_is_told(tmp_path, volume):
    grey = np.array(volume.channels[0])
    grey[:5] = np.nan
    project = Project.create(tmp_path / "p", [Specimen(Volume((grey,)))], RunSettings.check(SETTINGS))
    told = []
    drive(first_regions(project), lambda event: told.append(event.message) if isinstance(event, Notice) else None)
    assert any("NaN" in sentence for sentence in told)
    project.reload()
    assert not np.asarray(project.leaves[0][:5]).any()


def test_they_say_nothing_about_the_time_that_learned_ones_take(project, tmp_path):
    assert SpeedCache(tmp_path / "speeds.json").learn_from(made(project)) is None


def test_they_are_copied_and_regrouped_as_they_are_stored(project, few_cells, tmp_path):
    made(project)
    before = np.asarray(project.leaves[0][:])
    quietly(copy_project(project.path, tmp_path / "copy.hypseg", overwrite=False))
    copy = Project.open(tmp_path / "copy.hypseg", write=True)
    np.testing.assert_array_equal(copy.leaves[0][:], before)
    features = copy.segmentation.features
    assert features.points.shape == (copy.hierarchy.n_leaves, 12)
    trees = {name: tree for name, tree in copy.hierarchies.items() if name == PARTS}
    stored = copy.store.start_segmentation([(20, 22, 24)])
    stored[0][...] = np.asarray(copy.leaves[0].array[:])
    copy.store.finish_segmentation(trees, copy.segmentation.record, features)
    copy.reload()
    assert list(copy.hierarchies) == [PARTS]
    quietly(regroup(copy))
    copy.reload()
    assert list(copy.hierarchies) == [PARTS, KINDS]
    np.testing.assert_array_equal(copy.leaves[0][:], before)
    assert copy.leaves[0].array.shape == (20, 22, 24)


def test_a_damaged_grid_is_named(project, few_cells):
    made(project)
    record = dict(project.segmentation.record)
    record["cells"][0]["factors"] = [3, 3, 3]
    stored = project.store.start_segmentation([(20, 22, 24)])
    stored[0][...] = np.asarray(project.leaves[0].array[:])
    project.store.finish_segmentation(project.hierarchies, record, project.segmentation.features)
    project.reload()
    assert project.hierarchy is None
    assert "cells" in " ".join(project.damage)
