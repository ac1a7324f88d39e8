"""Regions have no seams, are joined in pieces where they are too many, and leave nothing behind on the disk."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.segmentation.features import FLAT
from benchmarks.segmentation.precomputed import field_of
from napari_hypseg import pipeline
from napari_hypseg.encoding.factors import FACTORS
from napari_hypseg.encoding.regions import followed_axes
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.pipeline import joining as joining_module
from napari_hypseg.pipeline import rooting as rooting_module
from napari_hypseg.pipeline.dividing import dividing
from napari_hypseg.pipeline.joining import Joined, joining
from napari_hypseg.pipeline.leaves import fitting
from napari_hypseg.pipeline.region_points import Regions, region_points
from napari_hypseg.pipeline.retreat import Retreat
from napari_hypseg.pipeline.rooting import Numbering, rooting
from napari_hypseg.pipeline.visiting import batches_of
from napari_hypseg.pipeline.workspace import Workspace
from napari_hypseg.project.project import Project
from napari_hypseg.project.settings import RunSettings
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.phantom import phantom


@pytest.fixture(scope="module")
def wide():
    return phantom((60, 110, 104), seed=3).volume


def workspace_of(*specimens):
    shapes = [specimen.volume.shape for specimen in specimens]
    return Workspace(*([np.zeros(shape, kind) for shape in shapes] for kind in (np.uint32, np.float16, np.uint16)))


def encoders_of(*specimens):
    fields = [torch.from_numpy(np.asarray(specimen.volume.channels[0]))[..., None] for specimen in specimens]
    return [field_of(points.float(), FLAT, specimen) for points, specimen in zip(fields, specimens, strict=True)]


def rooted(monkeypatch, edge, specimen):
    monkeypatch.setattr(rooting_module, "EDGES", {"cpu": edge})
    space = workspace_of(specimen)
    return quietly(rooting(Retreat(encoders_of(specimen)), space))[0], space


def points_of(*specimens):
    encoders, space = encoders_of(*specimens), workspace_of(*specimens)
    retreat = Retreat(encoders)
    found = quietly(rooting(retreat, space))
    return found, space, quietly(region_points(retreat, quietly(batches_of(encoders)), space, found))


def disagreeing(first, second):
    """Share of the voxels that are not in the region of one that most of a region of the other is in."""
    pairs, counts = np.unique(np.stack([first.ravel(), second.ravel()]), axis=1, return_counts=True)
    most = np.zeros(int(first.max()) + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return 1 - most.sum() / first.size


def test_numbers_stay_with_their_roots():
    numbering = Numbering()
    np.testing.assert_array_equal(numbering.of(np.array([7, 30])), [1, 2])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 40])), [3, 1, 4])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 30, 40])), [3, 1, 2, 4])
    assert len(numbering) == 4


@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.0)])
def test_tiles_leave_no_seams(wide, monkeypatch, voxel_size):
    specimen = Specimen(replace(wide, voxel_size=voxel_size))
    (one, whole), (many, tiled) = (rooted(monkeypatch, edge, specimen) for edge in (480, 48))
    assert (len(one.tiles), len(many.tiles)) == (1, 2 * 3 * 3)
    np.testing.assert_array_equal(whole.edges[0], tiled.edges[0])
    for first, second in ((whole, tiled), (tiled, whole)):
        assert disagreeing(first.regions[0], second.regions[0]) < 1e-3
    if not followed_axes(voxel_size)[0]:
        assert not set(np.unique(tiled.regions[0][20])) & set(np.unique(tiled.regions[0][21]))


def test_region_points_are_means_of_all_their_voxels(wide):
    other = phantom((30, 40, 50), seed=4).volume
    grey = np.array(other.channels[0], dtype=np.float32)
    grey[:, :5] = np.nan
    specimens = Specimen(wide, box=Box((10, 0, 0), (60, 100, 104))), Specimen(Volume((grey,)))
    found, space, regions = points_of(*specimens)
    ids = space.regions[1] - 1.0 + found[0].count
    values = grey[space.regions[1] > 0]
    weights = np.exp(-space.edges[1][space.regions[1] > 0].astype(float) / found[1].usual)
    inside = ids[space.regions[1] > 0].astype(int)
    expected = np.bincount(inside, weights * values) / np.maximum(np.bincount(inside, weights), 1e-12)
    np.testing.assert_allclose(regions.tangents()[found[0].count :, 0], expected[found[0].count :], rtol=1e-3)
    np.testing.assert_array_equal(space.regions[1] > 0, np.isfinite(grey))
    assert (regions.sizes > 0).all()
    assert regions.sizes.sum() == specimens[0].region.size + np.isfinite(grey).sum()


def test_many_regions_are_joined_in_pieces(wide, monkeypatch):
    specimens = Specimen(wide), Specimen(phantom((50, 40, 50), seed=4).volume)
    monkeypatch.setattr(rooting_module, "EDGES", {"cpu": 48})
    found, space, regions = points_of(*specimens)
    target = int(regions.sizes.sum()) // joining_module.VOXELS
    together = quietly(joining(regions, specimens, space.regions, found, 8)).numbers
    monkeypatch.setattr(joining_module, "MOST", 3 * target)
    assert all(len(list(joining_module._groups(one))) > 1 for one in found[:1])
    pieces = quietly(joining(regions, specimens, space.regions, found, 8)).numbers
    for numbers in (together, pieces):
        assert len(np.unique(numbers)) == numbers.max() + 1 == target
        assert not set(numbers[: found[0].count]) & set(numbers[found[0].count :])
    between = [
        (np.bincount(numbers, regions.sizes) * regions.joined(numbers).tangents()[:, 0] ** 2).sum()
        for numbers in (together, pieces)
    ]
    assert between[1] == pytest.approx(between[0], rel=0.05), "as much is told apart"


def test_which_joined_regions_touch(wide):
    specimen = Specimen(wide)
    found, space, regions = points_of(specimen)
    joined = quietly(joining(regions, [specimen], space.regions, found, 8))
    ids = np.concatenate([[-1], joined.numbers])[space.regions[0]]
    faces = [(ids.swapaxes(0, axis)[:-1].ravel(), ids.swapaxes(0, axis)[1:].ravel()) for axis in range(3)]
    ends = np.sort(np.concatenate([np.stack(both) for both in faces], axis=1), axis=0)
    pairs, contacts = np.unique(ends[:, ends[0] != ends[1]], axis=1, return_counts=True)
    np.testing.assert_array_equal(joined.pairs.T, pairs)
    np.testing.assert_array_equal(joined.contacts, contacts)


def test_what_looks_alike_in_other_surroundings_is_another_leaf():
    """A volume of two halves: bright and dark spots take turns in one, spots of a third kind stand in for dark in the
    other, and bright ones look the same in both."""
    n = 400
    kinds = np.where(np.arange(n) % 2, 0, np.where(np.arange(n) < n // 2, 1, 2))
    looks = np.eye(3, dtype=np.float32)[kinds]
    regions = Regions(looks, np.ones(n, np.float32), np.ones(n, np.int64))
    chain = Joined(
        np.arange(n),
        np.zeros(n, np.int64),
        np.stack([np.arange(n - 1), np.arange(1, n)], axis=1),
        np.ones(n - 1, np.int64),
    )
    found = quietly(fitting(regions, chain, 6, FLAT, 0))
    assert found.factors.shape == (len(found.points), FACTORS)
    near = np.abs(found.points.numpy()[found.numbers] - looks).max(axis=1) < 0.1
    assert near.mean() > 0.95
    bright = found.numbers[kinds == 0]
    assert not set(bright[:90]) & set(bright[-90:]), "one leaf for each half"


def test_where_every_region_is_a_leaf_there_is_nothing_to_group():
    regions = Regions(np.eye(5, 3, dtype=np.float32), np.ones(5, np.float32), np.ones(5, np.int64))
    alone = Joined(np.arange(5), np.zeros(5, np.int64), np.empty((0, 2), np.int64), np.empty(0, np.int64))
    found = quietly(fitting(regions, alone, 5, FLAT, 0))
    np.testing.assert_array_equal(found.points.numpy(), np.eye(5, 3))
    np.testing.assert_array_equal(found.numbers, np.arange(5))
    assert found.factors.shape == (5, 0)


def test_specimens_share_leaves_whatever_their_order(wide):
    specimens = [Specimen(phantom((40, 40, 40), seed=seed).volume) for seed in (5, 6)]
    encoders, space = encoders_of(*specimens), workspace_of(*specimens)
    tree = quietly(dividing(Retreat(encoders), quietly(batches_of(encoders)), space, 10, 0))
    counts = sum(np.bincount(ids.ravel(), minlength=tree.n_leaves + 1) for ids in space.leaves)
    np.testing.assert_array_equal(counts[1:], tree.sizes[: tree.n_leaves])
    assert len(np.intersect1d(*space.leaves)) > 2


def test_nothing_but_leaves_stays_on_the_disk(tmp_path):
    model, training = {"width": 4, "latent_dim": 3}, {"steps": 1, "crop": 16}
    settings = {"model": model, "training": training, "leaves": {"leaves": 20}}
    project = Project.create(tmp_path / "p", [Specimen(phantom().volume)], RunSettings.check(settings))
    quietly(pipeline.learn(project))
    scratch = project.store.segmentations
    job = pipeline.segment(project)
    for event in job:
        if isinstance(event, Progress) and event.stage == "encode" and event.step > 1:
            break
    assert len(list(scratch.glob(".hypseg-*.part"))) == 2
    job.close()
    assert not list(scratch.iterdir())
    stages = []
    fingerprint = drive(pipeline.segment(project), lambda event: stages.append(getattr(event, "stage", "")))
    folder = project.store.segmentation_folder(fingerprint)
    assert {path.name for path in folder.iterdir()} == {"leaves-0.zarr", "tree.zarr", "record.json"}
    expected = ["prepare", "regions", "encode", "touch", "merge", "cluster", "leaves", "context", "tree"]
    assert [stage for stage in dict.fromkeys(stages) if stage] == expected
