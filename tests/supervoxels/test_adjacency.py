from collections import Counter

import numpy as np
import pytest
import zarr

from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.supervoxels import adjacency, edge_keys
from napari_hypseg.supervoxels.adjacency import region_adjacency
from napari_hypseg.volumes.box import Box

ALL = (True, True, True)


def random_ids(*shape, regions=12):
    return np.random.default_rng(0).integers(0, regions + 1, shape).astype(np.uint32)


def counted_one_by_one(ids, axes):
    faces = Counter()
    for axis in (axis for axis in range(3) if axes[axis]):
        along = ids.swapaxes(0, axis)
        for one, other in zip(along[:-1].ravel().tolist(), along[1:].ravel().tolist(), strict=True):
            if one != other and one and other:
                faces[min(one, other) - 1, max(one, other) - 1] += 1
    return dict(sorted(faces.items()))


def as_dict(found):
    return dict(zip(map(tuple, found[0].tolist()), found[1].tolist(), strict=True))


@pytest.mark.parametrize("axes", [ALL, (False, True, True), (True, False, False), (False, False, False)])
@pytest.mark.parametrize("at_once", [48, 96])
def test_every_face_is_counted_once_however_the_volume_is_cut(monkeypatch, axes, at_once):
    monkeypatch.setattr(adjacency, "BLOCK", at_once)
    monkeypatch.setattr(edge_keys, "KEYS_AT_ONCE", at_once)
    ids = random_ids(9, 50, 103)
    found = quietly(region_adjacency(ids, axes))
    assert list(as_dict(found).items()) == list(counted_one_by_one(ids, axes).items())
    assert found[0].shape == (len(found[1]), 2)
    assert all(part.dtype == np.int64 for part in found)


def test_chunks_of_an_array_on_disk_are_no_borders(tmp_path):
    ids = random_ids(11, 6, 5)
    stored = zarr.create_array(tmp_path / "ids.zarr", data=ids, chunks=(4, 4, 4))
    assert as_dict(quietly(region_adjacency(stored, ALL))) == counted_one_by_one(ids, ALL)


def test_many_edges_are_summed_on_the_way(monkeypatch):
    monkeypatch.setattr(adjacency, "BLOCK", 48)
    monkeypatch.setattr(adjacency, "EDGES_HELD", 5)
    ids = random_ids(5, 50, 103)
    for axes in (ALL, (True, False, True)):
        assert as_dict(quietly(region_adjacency(ids, axes))) == counted_one_by_one(ids, axes)


def test_high_numbers_are_told_apart():
    ids = np.array([[[2**31 - 1, 2**31 - 2, 1]]], dtype=np.uint32)
    assert as_dict(quietly(region_adjacency(ids, ALL))) == {(2**31 - 3, 2**31 - 2): 1, (0, 2**31 - 3): 1}


@pytest.mark.parametrize("ids", [np.zeros((3, 4, 5), np.uint32), np.ones((3, 4, 5), np.uint32)])
def test_one_region_or_none_touches_nothing(ids):
    found, areas = quietly(region_adjacency(ids, ALL))
    assert found.shape == (0, 2)
    assert areas.shape == (0,)


def test_faces_are_counted_in_a_box(monkeypatch):
    monkeypatch.setattr(adjacency, "BLOCK", 48)
    ids, box = random_ids(9, 60, 103), Box((1, 5, 3), (8, 58, 101))
    found = quietly(region_adjacency(ids, ALL, box))
    assert as_dict(found) == counted_one_by_one(ids[box.slices], ALL)


def test_progress_goes_from_block_to_block(monkeypatch):
    monkeypatch.setattr(adjacency, "BLOCK", 48)
    events = []
    drive(region_adjacency(random_ids(6, 50, 50), ALL), events.append)
    assert all(isinstance(event, Progress) and event.stage == "touch" for event in events)
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
