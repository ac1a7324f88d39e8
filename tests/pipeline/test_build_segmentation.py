"""Supervoxels have no seams, are merged tile by tile where they are too many, and leave nothing on the disk."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_hypseg import pipeline
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.inference.precomputed_encoder import PrecomputedEncoder
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.pipeline.build_segmentation import build_segmentation
from napari_hypseg.project.project import Project
from napari_hypseg.project.settings import RunSettings
from napari_hypseg.supervoxels import merging as merging_module
from napari_hypseg.supervoxels import tiled_watershed as watershed_module
from napari_hypseg.supervoxels.factors import N_FACTORS
from napari_hypseg.supervoxels.features import SupervoxelFeatures, supervoxel_features
from napari_hypseg.supervoxels.leaves import group_into_leaves
from napari_hypseg.supervoxels.merging import MergedSupervoxels, merge_supervoxels
from napari_hypseg.supervoxels.tiled_watershed import BasinNumbering, tiled_watershed
from napari_hypseg.supervoxels.watershed import connected_axes
from napari_hypseg.supervoxels.workspace import Workspace
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.phantom import phantom

FLAT = Euclidean()


@pytest.fixture(scope="module")
def wide():
    return phantom((60, 110, 104), seed=3).volume


def workspace_of(*specimens):
    shapes = [specimen.volume.shape for specimen in specimens]
    return Workspace(*([np.zeros(shape, kind) for shape in shapes] for kind in (np.uint32, np.float16, np.uint16)))


def encoders_of(*specimens):
    fields = [torch.from_numpy(np.asarray(specimen.volume.channels[0]))[..., None] for specimen in specimens]
    return [
        PrecomputedEncoder.of(points.float(), FLAT, specimen)
        for points, specimen in zip(fields, specimens, strict=True)
    ]


def watershed_of(monkeypatch, edge, specimen):
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": edge})
    space = workspace_of(specimen)
    return quietly(tiled_watershed(MemoryFallback(encoders_of(specimen)), space))[0], space


def points_of(*specimens):
    encoders, space = encoders_of(*specimens), workspace_of(*specimens)
    fallback = MemoryFallback(encoders)
    found = quietly(tiled_watershed(fallback, space))
    return found, space, quietly(supervoxel_features(fallback, quietly(make_batches(encoders)), space, found))


def disagreeing(first, second):
    """Share of the voxels that are not in the region of one that most of a region of the other is in."""
    pairs, counts = np.unique(np.stack([first.ravel(), second.ravel()]), axis=1, return_counts=True)
    most = np.zeros(int(first.max()) + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return 1 - most.sum() / first.size


def test_basins_keep_their_numbers():
    numbering = BasinNumbering()
    np.testing.assert_array_equal(numbering.of(np.array([7, 30])), [1, 2])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 40])), [3, 1, 4])
    np.testing.assert_array_equal(numbering.of(np.array([3, 7, 30, 40])), [3, 1, 2, 4])
    assert len(numbering) == 4


@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.0)])
def test_tiles_leave_no_seams(wide, monkeypatch, voxel_size):
    specimen = Specimen(replace(wide, voxel_size=voxel_size))
    (one, whole), (many, tiled) = (watershed_of(monkeypatch, edge, specimen) for edge in (480, 48))
    assert (len(one.tiles), len(many.tiles)) == (1, 2 * 3 * 3)
    np.testing.assert_array_equal(whole.edges[0], tiled.edges[0])
    for first, second in ((whole, tiled), (tiled, whole)):
        assert disagreeing(first.basins[0], second.basins[0]) < 1e-3
    if not connected_axes(voxel_size)[0]:
        assert not set(np.unique(tiled.basins[0][20])) & set(np.unique(tiled.basins[0][21]))


def test_features_are_means_of_all_their_voxels(wide):
    other = phantom((30, 40, 50), seed=4).volume
    grey = np.array(other.channels[0], dtype=np.float32)
    grey[:, :5] = np.nan
    specimens = Specimen(wide, box=Box((10, 0, 0), (60, 100, 104))), Specimen(Volume((grey,)))
    found, space, regions = points_of(*specimens)
    ids = space.basins[1] - 1.0 + found[0].count
    values = grey[space.basins[1] > 0]
    weights = np.exp(-space.edges[1][space.basins[1] > 0].astype(float) / found[1].median_edge)
    inside = ids[space.basins[1] > 0].astype(int)
    expected = np.bincount(inside, weights * values) / np.maximum(np.bincount(inside, weights), 1e-12)
    np.testing.assert_allclose(regions.mean_tangents()[found[0].count :, 0], expected[found[0].count :], rtol=1e-3)
    np.testing.assert_array_equal(space.basins[1] > 0, np.isfinite(grey))
    assert (regions.sizes > 0).all()
    assert regions.sizes.sum() == specimens[0].region.size + np.isfinite(grey).sum()


def test_many_basins_are_merged_within_tiles_first(wide, monkeypatch):
    specimens = Specimen(wide), Specimen(phantom((50, 40, 50), seed=4).volume)
    monkeypatch.setattr(watershed_module, "EDGES", {"cpu": 48})
    found, space, regions = points_of(*specimens)
    target = int(regions.sizes.sum()) // merging_module.VOXELS
    together = quietly(merge_supervoxels(regions, specimens, space.basins, found, 8)).numbers
    monkeypatch.setattr(merging_module, "MOST", 3 * target)
    assert all(len(list(merging_module._tile_groups(one))) > 1 for one in found[:1])
    pieces = quietly(merge_supervoxels(regions, specimens, space.basins, found, 8)).numbers
    for numbers in (together, pieces):
        assert len(np.unique(numbers)) == numbers.max() + 1 == target
        assert not set(numbers[: found[0].count]) & set(numbers[found[0].count :])
    between = [
        (np.bincount(numbers, regions.sizes) * regions.merged(numbers).mean_tangents()[:, 0] ** 2).sum()
        for numbers in (together, pieces)
    ]
    assert between[1] == pytest.approx(between[0], rel=0.05), "as much is told apart"


def test_edges_and_contact_areas_of_merged_supervoxels(wide):
    specimen = Specimen(wide)
    found, space, regions = points_of(specimen)
    joined = quietly(merge_supervoxels(regions, [specimen], space.basins, found, 8))
    ids = np.concatenate([[-1], joined.numbers])[space.basins[0]]
    faces = [(ids.swapaxes(0, axis)[:-1].ravel(), ids.swapaxes(0, axis)[1:].ravel()) for axis in range(3)]
    ends = np.sort(np.concatenate([np.stack(both) for both in faces], axis=1), axis=0)
    pairs, contacts = np.unique(ends[:, ends[0] != ends[1]], axis=1, return_counts=True)
    np.testing.assert_array_equal(joined.edges.T, pairs)
    np.testing.assert_array_equal(joined.areas, contacts)


def test_similar_features_in_different_neighbourhoods_are_different_leaves():
    """A volume of two halves: bright and dark spots take turns in one, spots of a third kind stand in for dark in the
    other, and bright ones look the same in both."""
    n = 400
    kinds = np.where(np.arange(n) % 2, 0, np.where(np.arange(n) < n // 2, 1, 2))
    looks = np.eye(3, dtype=np.float32)[kinds]
    regions = SupervoxelFeatures(looks, np.ones(n, np.float32), np.ones(n, np.int64))
    chain = MergedSupervoxels(
        np.arange(n),
        np.zeros(n, np.int64),
        np.stack([np.arange(n - 1), np.arange(1, n)], axis=1),
        np.ones(n - 1, np.int64),
    )
    found = quietly(group_into_leaves(regions, chain, 6, FLAT, 0))
    assert found.factors.shape == (len(found.points), N_FACTORS)
    near = np.abs(found.points.numpy()[found.numbers] - looks).max(axis=1) < 0.1
    assert near.mean() > 0.95
    bright = found.numbers[kinds == 0]
    assert not set(bright[:90]) & set(bright[-90:]), "one leaf for each half"


def test_where_every_region_is_a_leaf_there_is_nothing_to_group():
    regions = SupervoxelFeatures(np.eye(5, 3, dtype=np.float32), np.ones(5, np.float32), np.ones(5, np.int64))
    alone = MergedSupervoxels(np.arange(5), np.zeros(5, np.int64), np.empty((0, 2), np.int64), np.empty(0, np.int64))
    found = quietly(group_into_leaves(regions, alone, 5, FLAT, 0))
    np.testing.assert_array_equal(found.points.numpy(), np.eye(5, 3))
    np.testing.assert_array_equal(found.numbers, np.arange(5))
    assert found.factors.shape == (5, 0)


def test_specimens_share_leaves_whatever_their_order(wide):
    specimens = [Specimen(phantom((40, 40, 40), seed=seed).volume) for seed in (5, 6)]
    encoders, space = encoders_of(*specimens), workspace_of(*specimens)
    built = quietly(build_segmentation(MemoryFallback(encoders), quietly(make_batches(encoders)), space, 10, 0))
    tree = built.hierarchy
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
    assert {path.name for path in folder.iterdir()} == {"leaves-0.zarr", "tree.zarr", "descriptors.zarr", "record.json"}
    expected = ["prepare", "regions", "encode", "touch", "merge", "cluster", "leaves", "describe", "context", "tree"]
    assert [stage for stage in dict.fromkeys(stages) if stage] == expected
