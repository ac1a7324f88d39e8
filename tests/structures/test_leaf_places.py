import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.structures import leaf_places as module
from napari_hypseg.structures.leaf_places import DEEP, leaf_places, plane_depths


def volume(seed=0, shape=(12, 40, 50), n_leaves=20):
    noise = np.random.default_rng(seed).normal(size=shape)
    smooth = ndimage.gaussian_filter(noise, 3)
    ranks = np.argsort(np.argsort(smooth.ravel())).reshape(shape)
    return (ranks * (n_leaves + 1) // smooth.size).astype(np.uint16)


def true_depth(ids, place):
    """Chessboard distance within its plane from a voxel to the next that is of another leaf."""
    z, y, x = place
    padded = np.pad(ids[z], DEEP + 1)
    y, x = y + DEEP + 1, x + DEEP + 1
    for reach in range(1, DEEP + 1):
        cross = [(y + dy, x + dx) for dy in range(-reach, reach + 1) for dx in range(-reach, reach + 1)]
        if any(padded[at] != padded[y, x] for at in cross):
            return reach
    return DEEP + 1


@pytest.mark.parametrize("slab_voxels", [1, 5000, 1 << 24])
def test_every_leaf_is_seen_where_it_is_and_about_as_deep_as_it_gets(monkeypatch, slab_voxels):
    monkeypatch.setattr(module, "SLAB_VOXELS", slab_voxels)
    ids = volume()
    places = quietly(leaf_places([ids], 20))
    assert (places[:, 0] == 0).all()
    assert ids[tuple(places[:, 1:].T)].tolist() == list(range(1, 21))
    for leaf in range(20):
        deepest = max(int(plane_depths(plane)[plane == leaf + 1].max(initial=0)) for plane in ids)
        assert true_depth(ids, places[leaf, 1:]) >= deepest - 1


def test_a_leaf_that_lies_between_the_planes_looked_at_is_found_and_one_without_voxels_is_not(monkeypatch):
    monkeypatch.setattr(module, "PLANES", 3)
    ids = np.ones((30, 9, 9), dtype=np.uint16)
    ids[0, 4, 4] = 2
    ids[29, 1:4, 1:4] = 4
    places = quietly(leaf_places([ids], 4))
    assert places[[1, 3]].tolist() == [[0, 0, 4, 4], [0, 29, 2, 2]]
    assert places[2].tolist() == [-1] * 4


def test_the_deeper_of_two_specimens_is_taken_and_the_job_can_be_left_after_each_plane():
    small, large = np.zeros((3, 8, 8), np.uint16), np.zeros((5, 20, 20), np.uint16)
    small[1, 2:4, 2:4], large[2, 5:16, 5:16] = 1, 1
    events = []
    places = drive(leaf_places([small, large], 1), events.append)
    assert places.tolist() == [[1, 2, 10, 10]]
    assert all(isinstance(event, Progress) for event in events)
    assert len(events) == 8


def test_depths_count_from_the_rim():
    plane = np.ones((5, 7), np.uint16)
    assert plane_depths(plane).max() == 3
    assert plane_depths(np.zeros((4, 4), np.uint16)).max() == 0
