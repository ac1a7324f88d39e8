"""What was learned and named on one phantom, carried to others."""

from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg import pipeline
from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.applicable import as_learned, check_named
from napari_hypseg.pipeline.apply import apply
from napari_hypseg.project.doubtful_regions import doubtful_regions
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.project.tree_arrays import SPACE_PATHS
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.phantom import phantom
from tests.named_project import SETTINGS, SHAPE, named_project


@pytest.fixture(scope="module")
def known():
    return phantom(SHAPE, seed=1)


@pytest.fixture(scope="module")
def named(tmp_path_factory, known):
    return named_project(tmp_path_factory.mktemp("named") / "named", known)


def applied(path, source, specimen):
    target = Project.create(path, [specimen], source.settings)
    return target, quietly(apply(source, target))


def test_the_same_volume_at_another_grey_scale_has_the_same_leaves_names_and_levels(named, known, tmp_path):
    source = Project.open(named)
    volume = replace(known.volume, channels=(3 * np.asarray(known.volume.channels[0]) + 7,), name="other")
    target, replayed = applied(tmp_path / "other", source, Specimen(volume))
    leaves, others = np.asarray(source.leaves[0][:]), np.asarray(target.leaves[0][:])
    assert (leaves == others).mean() > 0.97, "centroids of a sample and of all voxels differ a little"
    assert target.hierarchies.keys() == {PARTS, KINDS}
    for name, tree in source.hierarchies.items():
        np.testing.assert_array_equal(target.hierarchies[name].parents, tree.parents)
        np.testing.assert_array_equal(target.hierarchies[name].altitudes, tree.altitudes)
    counts = np.bincount(others.ravel(), minlength=target.hierarchy.n_leaves + 1)[1:]
    np.testing.assert_array_equal(target.hierarchy.sizes[: target.hierarchy.n_leaves], counts)
    assert [one.name for one in target.structures.annotation.structures.values()] == ["object", "inner"]
    assert [text.partition(" (")[0] for text in replayed.left_out] == ["paint object", "divide part from object"]
    assert target.level("five").nodes == source.level("five").nodes
    owners, before = target.structures.mask("object")[:], np.isin(leaves, 1 + source_leaves(source, "object"))
    assert 2 * (owners & before).sum() / (owners.sum() + before.sum()) > 0.97
    certainty = np.asarray(target.segmentation.certainty[0][:])
    assert certainty.min() >= 1
    assert certainty.mean() > 75
    target.close()
    again = Project.open(target.path)
    assert again.damage == ()
    assert again.segmentation.record["applied"]["segmentation"] == source.segmentation.fingerprint
    writable = Project.open(target.path, write=True)
    with pytest.raises(ProjectError, match=r"trees of other.hypseg are those of named.hypseg"):
        quietly(pipeline.regroup(writable))
    writable.close()


def source_leaves(project, name):
    one = project.structures.annotation.structure(name)
    return np.flatnonzero(project.structures.annotation.leaves(one.id))


def test_leaves_that_a_volume_does_not_have_are_empty_and_what_is_unlike_all_is_listed(named, tmp_path):
    source = Project.open(named)
    volume = phantom((30, 30, 30), seed=3).volume
    grey = np.array(volume.channels[0])
    grey[5:15, 5:15, 5:15] += 12 * grey.std() * np.random.default_rng(0).normal(size=(10, 10, 10))
    target, _ = applied(tmp_path / "other", source, Specimen(replace(volume, channels=(grey,))))
    sizes = target.hierarchy.sizes[: target.hierarchy.n_leaves]
    assert (sizes == 0).any()
    assert sizes.sum() == 27_000 == target.hierarchy.sizes[-1]
    first, *others = doubtful_regions(target.segmentation.record)
    assert all(one.voxels <= first.voxels for one in others)
    certainty = np.asarray(target.segmentation.certainty[0][:])
    assert certainty[first.voxel] < 50
    assert 0 < first.certainty < 0.5
    assert target.label_image(target.cut(8)).data[:].min() >= 1, "a cut with empty regions can be exported"
    assert target.structures.sizes.keys() == {1, 2}
    target.close()


def test_a_project_of_an_earlier_version_is_applied_by_points_and_descriptors(named, known, tmp_path, monkeypatch):
    source = Project.open(named)
    monkeypatch.setattr("napari_hypseg.project.tree_arrays.SPACE_PATHS", {name: "no" for name in SPACE_PATHS})
    assert source.segmentation.features.space is None
    target, _ = applied(tmp_path / "other", source, Specimen(replace(known.volume, name="other")))
    same = np.asarray(source.leaves[0][:]) == np.asarray(target.leaves[0][:])
    assert same.mean() > 0.5
    target.close()


def test_another_voxel_size_is_refused_with_both(named, known):
    source = Project.open(named)
    as_learned(source, Specimen(replace(known.volume, voxel_size=(1.02, 1.0, 1.0), unit="nanometer")))
    with pytest.raises(InputError, match=r"big are 20×20×20 Å but those of named.hypseg 10×10×10 Å"):
        as_learned(source, Specimen(replace(known.volume, name="big", voxel_size=(20.0, 20.0, 20.0))))
    with pytest.raises(InputError, match="1×1×1 pixel"):
        as_learned(source, Specimen(Volume(known.volume.channels)))


def test_another_number_of_channels_is_refused(named, known):
    both = replace(known.volume, channels=known.volume.channels * 2, name="both")
    with pytest.raises(InputError, match=r"both has 2 channels but named.hypseg was learned from one channel"):
        as_learned(Project.open(named), Specimen(both))


def test_a_project_that_names_nothing_or_has_no_regions_is_refused(known, tmp_path):
    project = Project.create(tmp_path / "empty", [Specimen(known.volume)], RunSettings.check(SETTINGS))
    with pytest.raises(ProjectError, match=r"empty.hypseg has learned no regions yet"):
        check_named(project)
    quietly(pipeline.run(project))
    project.reload()
    with pytest.raises(ProjectError, match=r"empty.hypseg names nothing yet"):
        check_named(project)
    project.close()
