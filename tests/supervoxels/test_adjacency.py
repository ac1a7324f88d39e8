"""Contact areas are counted face by face, however a volume is cut into tiles, and summed over regions."""

from collections import Counter

import numpy as np
import pytest
import zarr

from napari_hypseg.inference.grey_source import GreySource
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.supervoxels import adjacency, edge_keys, edge_sums
from napari_hypseg.supervoxels.adjacency import contact_areas
from napari_hypseg.supervoxels.basin_contacts import count_contacts, region_edges
from napari_hypseg.supervoxels.edge_keys import edge_ends
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.tiled_watershed import Basins
from napari_hypseg.supervoxels.workspace import Workspace, tiles
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.intensity import Intensity

ALL = (True, True, True)


def random_ids(*shape, regions=12):
    return np.random.default_rng(0).integers(0, regions + 1, shape).astype(np.uint32)


def counted_one_by_one(ids, axes=ALL):
    faces = Counter()
    for axis in (axis for axis in range(3) if axes[axis]):
        along = ids.swapaxes(0, axis)
        for one, other in zip(along[:-1].ravel().tolist(), along[1:].ravel().tolist(), strict=True):
            if one != other and one and other:
                faces[min(one, other) - 1, max(one, other) - 1] += 1
    return dict(sorted(faces.items()))


def in_box(ids, axes=ALL, box=None):
    box = Box.whole(ids.shape) if box is None else box
    keys, areas = contact_areas(ids, axes, box, box)
    return as_dict(np.stack(edge_ends(keys), axis=1) - 1, areas)


def as_dict(edges, areas):
    return dict(zip(map(tuple, edges.tolist()), areas.tolist(), strict=True))


def job_of(*every, edge=48, regions=12, voxel_size=(1.0, 1.0, 1.0), folder=None):
    """Edges of the regions of some specimens whose basins are `every`, tile by tile of `edge` voxels."""
    volumes = [Volume((np.zeros(ids.shape),), voxel_size=voxel_size) for ids in every]
    plain = Intensity(np.zeros(1), np.ones(1))
    fallback = MemoryFallback([GreySource(Specimen(volume), plain) for volume in volumes])
    places = [tuple(tiles(volume.box, edge)) for volume in volumes]
    basins = [Basins(0.0, tiling, (regions,) * len(tiling)) for tiling in places]
    contacts = yield from count_contacts(fallback, Workspace(every, [], [], [], folder), basins)
    table = RegionTable.of(np.arange(regions * len(every)))
    return (yield from region_edges(contacts, table, "merge"))


@pytest.mark.parametrize("axes", [ALL, (False, True, True), (True, False, False), (False, False, False)])
@pytest.mark.parametrize("at_once", [48, 96])
def test_every_face_is_counted_once_however_a_box_is_cut(monkeypatch, axes, at_once):
    monkeypatch.setattr(adjacency, "BLOCK", at_once)
    ids = random_ids(9, 50, 103)
    assert list(in_box(ids, axes).items()) == list(counted_one_by_one(ids, axes).items())


@pytest.mark.parametrize("edge", [48, 96])
def test_every_face_is_counted_once_however_a_volume_is_cut(monkeypatch, edge):
    monkeypatch.setattr(edge_keys, "KEYS_AT_ONCE", 50)
    ids = random_ids(9, 50, 103)
    edges, areas = quietly(job_of(ids, edge=edge))
    assert list(as_dict(edges, areas).items()) == list(counted_one_by_one(ids).items())
    assert edges.dtype == areas.dtype == np.int64


def test_specimens_do_not_touch():
    one, other = random_ids(5, 50, 60), random_ids(4, 60, 9)[:, ::-1]
    found = as_dict(*quietly(job_of(one, other)))
    second = {(low + 12, high + 12): area for (low, high), area in counted_one_by_one(other).items()}
    assert found == counted_one_by_one(one) | second


def test_thick_sections_are_not_connected():
    ids = random_ids(5, 50, 60)
    assert as_dict(*quietly(job_of(ids, voxel_size=(9.0, 1.0, 1.0)))) == counted_one_by_one(ids, (False, True, True))


def test_chunks_of_an_array_on_disk_are_no_borders(tmp_path):
    ids = random_ids(11, 6, 5)
    stored = zarr.create_array(tmp_path / "ids.zarr", data=ids, chunks=(4, 4, 4))
    assert in_box(stored) == counted_one_by_one(ids)


def test_many_edges_are_summed_on_the_way(monkeypatch):
    monkeypatch.setattr(edge_sums, "EDGES_HELD", 5)
    ids = random_ids(5, 50, 103)
    assert as_dict(*quietly(job_of(ids))) == counted_one_by_one(ids)


def test_high_numbers_are_told_apart():
    ids = np.array([[[2**31 - 1, 2**31 - 2, 1]]], dtype=np.uint32)
    assert in_box(ids) == {(2**31 - 3, 2**31 - 2): 1, (0, 2**31 - 3): 1}


@pytest.mark.parametrize("ids", [np.zeros((3, 4, 5), np.uint32), np.ones((3, 4, 5), np.uint32)])
def test_one_region_or_none_touches_nothing(ids):
    edges, areas = quietly(job_of(ids))
    assert edges.shape == (0, 2)
    assert areas.shape == (0,)


def test_faces_are_counted_in_a_box(monkeypatch):
    monkeypatch.setattr(adjacency, "BLOCK", 48)
    ids, box = random_ids(9, 60, 103), Box((1, 5, 3), (8, 58, 101))
    assert in_box(ids, box=box) == counted_one_by_one(ids[box.slices])


def test_tiles_that_were_counted_are_not_looked_at_again(tmp_path):
    ids, events = random_ids(6, 50, 50), []
    job = job_of(ids, folder=tmp_path)
    while next(job).step < 2:
        pass
    job.close()
    found = drive(job_of(ids, folder=tmp_path), events.append)
    assert as_dict(*found) == counted_one_by_one(ids)
    assert events[0].step >= 2
    assert events[0].total == 4


def test_progress_goes_from_tile_to_tile():
    events = []
    drive(job_of(random_ids(6, 50, 50)), events.append)
    assert all(isinstance(event, Progress) for event in events)
    fractions = [event.fraction for event in events if event.stage == "touch"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
