import numpy as np
import pytest

from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.hierarchy import contingency as module
from napari_hypseg.hierarchy.contingency import contingency, contingency_job
from napari_hypseg.jobs import Progress, drive


def volumes(seed=0, shape=(7, 9, 11), n_leaves=12, labels=(0, 2, 5)):
    rng = np.random.default_rng(seed)
    return rng.integers(0, n_leaves + 1, shape).astype(np.uint16), rng.choice(labels, shape)


def counted(leaves, truth, n_leaves, kept):
    classes = np.unique(truth[kept])
    rows = [[int(((leaves == i) & (truth == c) & kept).sum()) for c in classes] for i in range(n_leaves + 1)]
    return classes.tolist(), rows


class Chunked:
    """An array that says how it is chunked and remembers what was read."""

    def __init__(self, data, depth):
        self.data, self.shape, self.dtype = data, data.shape, data.dtype
        self.chunks, self.reads = (depth, 4, 4), []

    def __getitem__(self, index):
        self.reads.append((index.start, index.stop))
        return self.data[index]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int64, np.float32, np.float64])
def test_counts_are_those_of_looking_at_every_voxel(dtype):
    leaves, truth = volumes()
    table = contingency(leaves, truth.astype(dtype), 12)
    classes, rows = counted(leaves, truth, 12, np.ones(truth.shape, bool))
    assert table.classes.tolist() == classes
    assert table.counts.tolist() == rows
    assert table.counts.dtype == np.int64


def test_only_voxels_of_the_mask_count():
    leaves, truth = volumes()
    mask = np.random.default_rng(1).integers(0, 3, truth.shape).astype(np.float32)
    mask[:3] = 0
    table = contingency(leaves, truth, 12, mask)
    classes, rows = counted(leaves, truth, 12, mask > 0)
    assert (table.classes.tolist(), table.counts.tolist()) == (classes, rows)


@pytest.mark.parametrize("voxels_at_once", [1, 50, 250, 10_000])
def test_the_size_of_the_pieces_changes_nothing(monkeypatch, voxels_at_once):
    leaves, truth = volumes()
    whole = contingency(leaves, truth, 12)
    monkeypatch.setattr(module, "VOXELS_AT_ONCE", voxels_at_once)
    pieces = contingency(leaves, truth, 12)
    np.testing.assert_array_equal(pieces.counts, whole.counts)
    np.testing.assert_array_equal(pieces.classes, whole.classes)


def test_classes_that_appear_late_and_are_far_apart_find_their_column(monkeypatch):
    monkeypatch.setattr(module, "VOXELS_AT_ONCE", 99)
    leaves, truth = volumes()
    truth = truth.astype(np.int64)
    truth[3, 0, 0], truth[5, 0, 0], truth[6, 0, 0] = -4, 10**12, 1
    table = contingency(leaves, truth, 12)
    classes, rows = counted(leaves, truth, 12, np.ones(truth.shape, bool))
    assert (table.classes.tolist(), table.counts.tolist()) == (classes, rows)


def test_each_chunk_is_read_once():
    leaves, truth = volumes()
    chunked = Chunked(leaves, 3)
    contingency(chunked, truth, 12)
    assert chunked.reads == [(0, 3), (3, 6), (6, 7)]


def test_the_job_counts_planes(monkeypatch):
    monkeypatch.setattr(module, "VOXELS_AT_ONCE", 99)
    leaves, truth = volumes()
    events = []
    drive(contingency_job(leaves, truth, 12), events.append)
    assert [event.step for event in events] == [1, 2, 3, 4, 5, 6, 7]
    assert all(isinstance(event, Progress) and event.stage == "score" and event.total == 7 for event in events)


def test_another_grid_is_refused_by_name():
    leaves, truth = volumes()
    with pytest.raises(
        InputError, match=r"truth\.nii has shape \(7, 9, 10\) but the segmented volume has \(7, 9, 11\)"
    ):
        contingency(leaves, truth[:, :, :-1], 12, name="truth.nii")
    with pytest.raises(InputError, match=r"The mask has shape \(6, 9, 11\)"):
        contingency(leaves, truth, 12, truth[1:])


@pytest.mark.parametrize(("odd", "shown"), [(0.25, "0.25"), (np.nan, "nan"), (np.inf, "inf")])
def test_values_that_are_no_labels_are_refused(odd, shown):
    leaves, truth = volumes()
    truth = truth.astype(np.float32)
    truth[4, 2, 1] = odd
    with pytest.raises(InputError, match=f"The truth holds {shown}, which is no label"):
        contingency(leaves, truth, 12)
    with pytest.raises(InputError, match="holds complex64 values"):
        contingency(leaves, truth.astype(np.complex64), 12)


def test_an_image_instead_of_classes_is_refused():
    leaves = np.ones((20, 20, 20), np.uint16)
    image = np.arange(8000, dtype=np.int16).reshape(leaves.shape)
    with pytest.raises(InputError, match="more than 1024 different values"):
        contingency(leaves, image, 12)


def test_an_empty_mask_is_refused():
    leaves, truth = volumes()
    with pytest.raises(InputError, match="The mask holds no voxel"):
        contingency(leaves, truth, 12, np.zeros(truth.shape, np.uint8))


def test_a_leaf_that_the_tree_lacks_is_refused():
    leaves, truth = volumes()
    with pytest.raises(ProjectError, match="holds leaf 12 but the tree has 8 leaves"):
        contingency(leaves, truth, 8)
