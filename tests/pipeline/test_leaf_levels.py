"""Leaf ids at falling resolution, written with a segmentation and read for pictures."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.pipeline.leaf_levels import write_leaf_levels
from napari_hypseg.project import leaf_levels as stored
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen, Volume, levels
from napari_hypseg.volumes.cells import cells_of, commonest
from tests.scipy_tree import scipy_tree

SHAPE = (20, 101, 230)
SIZE = (2.0, 1.0, 1.0)
CELLS = [(1, 2, 2), (2, 4, 4), (4, 8, 8)]
K = 5


@pytest.fixture(autouse=True)
def _all_is_large(monkeypatch):
    monkeypatch.setattr(levels, "LARGE", 1)
    monkeypatch.setattr(stored, "COARSEST", 32)


@pytest.fixture
def leaves():
    return np.random.default_rng(0).integers(0, K + 1, SHAPE).astype(np.uint16)


@pytest.fixture
def project(tmp_path):
    grey = np.zeros(SHAPE, dtype=np.float32)
    grey[0] = 1
    return Project.create(tmp_path / "one.hypseg", [Specimen(Volume((grey,), SIZE, "nm"))], RunSettings())


def segmented(project, leaves, write=True, seed=0):
    """A segmentation with these leaves; gives what was told meanwhile."""
    (array,) = project.store.start_segmentation([SHAPE])
    array[:] = leaves
    told = []
    if write:
        drive(write_leaf_levels(project, [array]), told.append)
    points = np.random.default_rng(seed).normal(size=(K, 2)).astype(np.float32)
    project.store.finish_segmentation({PARTS: scipy_tree(points, [10] * K)}, {})
    project.reload()
    return told


def shown(project):
    return stored.leaf_levels(project.segmentation, 0, SIZE)


def middles(leaves, cell):
    """The leaf in the middle of each cell; of one that is cut short the last at most."""
    along = zip(leaves.shape, cells_of(SHAPE, cell), cell, strict=True)
    return leaves[np.ix_(*(np.minimum(np.arange(cells) * edge + edge // 2, n - 1) for n, cells, edge in along))]


def test_each_level_holds_the_commonest_leaf_of_the_one_before(project, leaves):
    told = segmented(project, leaves)
    first = commonest(leaves, (1, 2, 2))
    second = commonest(first, (2, 2, 2))
    third = commonest(second, (2, 2, 2))
    found = shown(project)
    for level, expected in zip(found, (leaves, first, second, third), strict=True):
        np.testing.assert_array_equal(level[:], expected)
    steps = [event.fraction for event in told if isinstance(event, Progress)]
    assert steps == sorted(steps)
    assert steps[-1] == 1


def test_an_older_project_shows_single_voxels_in_their_place(project, leaves):
    segmented(project, leaves, write=False)
    found = shown(project)
    assert [level.shape for level in found] == [SHAPE, *(cells_of(SHAPE, cell) for cell in CELLS)]
    np.testing.assert_array_equal(found[2][:], middles(leaves, (2, 4, 4)))


def test_damaged_levels_are_done_without(project, leaves):
    segmented(project, leaves)
    shutil.rmtree(project.store.segmentation_folder(project.segmentation.fingerprint) / "leaves-0-level2.zarr")
    project.reload()
    assert project.damage == ()
    np.testing.assert_array_equal(shown(project)[1][:], middles(leaves, (1, 2, 2)))


@pytest.mark.parametrize(
    "other", [np.zeros((0, 51, 115), np.uint16), np.zeros(SHAPE, np.uint16), np.zeros((20, 51, 115), np.int32)]
)
def test_arrays_that_cannot_be_levels_are_done_without(leaves, other):
    segmentation = SimpleNamespace(pictured=((leaves, other),))
    found = stored.leaf_levels(segmentation, 0, SIZE)
    assert [level.shape for level in found] == [SHAPE, *(cells_of(SHAPE, cell) for cell in CELLS)]
    np.testing.assert_array_equal(found[1][:], middles(leaves, (1, 2, 2)))


def test_they_go_with_their_segmentation(project, leaves):
    segmented(project, leaves)
    before = project.store.segmentation_folder(project.segmentation.fingerprint)
    segmented(project, leaves, seed=1)
    project.store.forget_segmentations({project.segmentation.fingerprint})
    assert not before.exists()


def test_a_small_volume_has_none(project, leaves, monkeypatch):
    monkeypatch.setattr(levels, "LARGE", leaves.size + 1)
    assert segmented(project, leaves) == []
    assert len(shown(project)) == 1


def test_a_full_disk_is_told_by_the_job(project, leaves, monkeypatch):
    """`segment` says so to the person; nothing half-written is left."""
    (array,) = project.store.start_segmentation([SHAPE])
    array[:] = leaves
    monkeypatch.setattr(
        "napari_hypseg.pipeline.leaf_levels.commonest", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(OSError, match="No space left"):
        quietly(write_leaf_levels(project, [array]))
    project.store.drop_segmentation()
    assert [path for path in project.store.segmentations.iterdir() if path.is_dir()] == []
