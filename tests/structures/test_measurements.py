import csv
import io

import numpy as np
import pytest
from scipy import ndimage
from skimage.measure import regionprops

from napari_hypseg.errors import OutputError, SettingError
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.structures import mask_slabs
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.structures.measured_objects import DistanceTarget, MeasuredGroup, MeasuredObject, MeasuredPlace
from napari_hypseg.structures.measurements import measure_job


def blobs(seed=0, shape=(20, 30, 34), threshold=0.12):
    mask = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.6) > threshold
    return ndimage.label(mask, np.ones((3, 3, 3)))[0].astype(np.uint16)


def group(labels, name="particle"):
    objects = tuple(MeasuredObject(i, i, name, "sample") for i in range(1, int(labels.max()) + 1))
    return MeasuredGroup(labels, objects)


def measured(groups, place=None, target=None):
    return quietly(measure_job(groups, place or MeasuredPlace(), target))


@pytest.mark.parametrize("slab_voxels", [1, 2500, 1 << 21])
def test_numbers_are_those_of_regionprops(monkeypatch, slab_voxels):
    monkeypatch.setattr(mask_slabs, "SLAB_VOXELS", slab_voxels)
    labels = blobs()
    grey = (1e4 + np.random.default_rng(1).normal(size=labels.shape) + labels).astype(np.float32)
    voxel_size, origin = (4.0, 2.0, 3.0), (100.0, -50.0, 7.0)
    table = measured([group(labels)], MeasuredPlace(voxel_size, "nanometer", origin, (grey,)))
    expected = regionprops(labels, grey, spacing=voxel_size)
    assert len(table) == len(expected) > 10
    assert table["voxels"].tolist() == [one.num_pixels for one in expected]
    np.testing.assert_allclose(table["volume"], [one.area for one in expected])
    np.testing.assert_allclose(table["equivalent_diameter"], [one.equivalent_diameter_area for one in expected])
    centroids = np.stack([table[f"centroid_{axis}"] for axis in "zyx"], axis=1)
    np.testing.assert_allclose(centroids, np.array([one.centroid for one in expected]) + origin)
    np.testing.assert_allclose(table["mean"], [one.intensity_mean for one in expected], rtol=1e-6)
    inside = [grey[labels == one.label].astype(np.float64).std() for one in expected]
    np.testing.assert_allclose(table["sd"], inside, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (1.0, 3.0, 1.5)])
@pytest.mark.parametrize("radius", [12.0, 20.0])
def test_a_ball_has_the_volume_and_surface_of_a_ball(ellipsoid, voxel_size, radius):
    shape = tuple(int(2 * radius / edge) + 5 for edge in voxel_size)
    mask = ellipsoid(shape, [n / 2 - 0.4 for n in shape], radius, voxel_size)
    table = measured([MeasuredGroup.of_mask(mask, 1, "ball")], MeasuredPlace(voxel_size, "nanometer"))
    assert table["volume"][0] == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.02)
    assert table["surface"][0] == pytest.approx(4 * np.pi * radius**2, rel=0.02)
    assert table["equivalent_diameter"][0] == pytest.approx(2 * radius, rel=0.01)


def test_an_ellipsoid_has_the_surface_of_an_ellipsoid(ellipsoid):
    a, b, c = radii = (24.0, 14.0, 18.0)
    voxel_size = (2.0, 1.0, 1.5)
    shape = tuple(int(2 * r / edge) + 6 for r, edge in zip(radii, voxel_size, strict=True))
    mask = ellipsoid(shape, [n / 2 for n in shape], radii, voxel_size)
    table = measured([MeasuredGroup.of_mask(mask, 1, "ellipsoid")], MeasuredPlace(voxel_size, "nanometer"))
    theta = (np.arange(2000) + 0.5) / 2000 * np.pi  # the surface as an integral over the sphere
    phi = (np.arange(2000) + 0.5) / 2000 * 2 * np.pi
    sin, cos = np.sin(theta)[:, None], np.cos(theta)[:, None]
    element = sin * np.sqrt((b * c * sin * np.cos(phi)) ** 2 + (a * c * sin * np.sin(phi)) ** 2 + (a * b * cos) ** 2)
    area = element.sum() * (np.pi / 2000) * (2 * np.pi / 2000)
    assert table["surface"][0] == pytest.approx(area, rel=0.05)
    assert table["volume"][0] == pytest.approx(4 / 3 * np.pi * a * b * c, rel=0.02)


def test_a_cut_off_object_has_a_closed_surface_and_is_marked():
    mask = np.zeros((20, 20, 20), bool)
    mask[:8, 5:13, 5:13] = True
    inside = np.zeros_like(mask)
    inside[6:14, 5:13, 5:13] = True
    at_edge, free = (measured([MeasuredGroup.of_mask(m, 1, "cube")]) for m in (mask, inside))
    assert at_edge["surface"][0] == pytest.approx(free["surface"][0])
    assert (at_edge["touches_edge"][0], free["touches_edge"][0]) == (True, False)


@pytest.mark.parametrize("slab_voxels", [1, 3000, 1 << 21])
@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (5.0, 2.0, 1.5)])
def test_distances_are_those_of_the_distance_transform(monkeypatch, slab_voxels, voxel_size):
    monkeypatch.setattr(mask_slabs, "SLAB_VOXELS", slab_voxels)
    labels = blobs(3)
    target = np.zeros(labels.shape, bool)
    target[3:5, 20:23, 28:], target[np.unravel_index(labels.argmax(), labels.shape)] = True, True
    transform = ndimage.distance_transform_edt(~target, sampling=voxel_size)
    expected = ndimage.minimum(transform, labels, np.arange(1, labels.max() + 1))
    place = MeasuredPlace(voxel_size, "nanometer")
    table = measured([group(labels)], place, DistanceTarget("outer membrane", target))
    np.testing.assert_allclose(table["distance_to_outer_membrane"], expected, rtol=1e-6)
    assert table.column("distance_to_outer_membrane").heading == "Distance to outer membrane (nm)"
    assert (expected == 0).any()


@pytest.mark.parametrize("corner", [(0, 0, 0), (27, 39, 49), (13, 0, 49), (5, 20, 20)])
def test_a_target_of_one_voxel_is_found_from_everywhere(corner):
    labels = np.arange(28 * 40 * 50, dtype=np.uint16).reshape(28, 40, 50)  # every voxel is an object
    target = np.zeros(labels.shape, bool)
    target[corner] = True
    objects = tuple(MeasuredObject(label, label, "voxel") for label in range(1, labels.size))
    place = MeasuredPlace((4.0, 1.0, 2.5), "nanometer")
    table = measured([MeasuredGroup(labels, objects)], place, DistanceTarget("seed", target))
    expected = ndimage.distance_transform_edt(~target, sampling=place.voxel_size)
    np.testing.assert_allclose(table["distance_to_seed"], expected.ravel()[1:], rtol=1e-6)


def test_without_a_target_voxel_there_is_no_distance():
    labels = blobs(1)
    table = measured([group(labels)], target=DistanceTarget("nothing", np.zeros(labels.shape, bool)))
    assert np.isnan(table["distance_to_nothing"]).all()
    assert table.records()[0]["distance_to_nothing_pixel"] is None


def test_nested_structures_are_measured_as_a_whole_each(ellipsoid):
    shape = (24, 24, 24)
    particle, lumen = ellipsoid(shape, (12, 12, 12), 9), ellipsoid(shape, (12, 12, 12), 5)
    groups = [
        MeasuredGroup.of_mask(particle, 1, "particle"),
        MeasuredGroup.of_mask(lumen.astype(np.float32) * 7, 2, "lumen", "particle"),
    ]
    table = measured(groups)
    assert table["voxels"].tolist() == [particle.sum(), lumen.sum()]
    assert table["parent"].tolist() == ["", "particle"]


def test_labels_that_are_not_asked_for_are_passed_over():
    labels = blobs()
    wanted = (MeasuredObject(5, 1, "five"), MeasuredObject(2, 2, "two"), MeasuredObject(60000, 3, "none"))
    table = measured([MeasuredGroup(labels, wanted)], MeasuredPlace(channels=(labels,)))
    assert table["voxels"].tolist() == [(labels == 5).sum(), (labels == 2).sum(), 0]
    assert table["mean"][:2].tolist() == [5, 2]
    assert table.records()[2]["mean"] is None
    assert table["surface"][2] == 0


def test_every_label_a_type_can_hold_may_be_measured():
    labels = np.zeros((2, 3, 4), np.uint16)
    labels[0, 0, 0], labels[1, 1, 1] = 65535, 65534
    objects = (MeasuredObject(65535, 1, "last"),)
    assert measured([MeasuredGroup(labels, objects)])["voxels"].tolist() == [1]
    bits = np.full((2, 3, 4), 255, np.uint8)
    assert measured([MeasuredGroup(bits, (MeasuredObject(255, 1, "last"),))])["voxels"].tolist() == [24]


def test_each_channel_has_its_grey_values_and_nan_counts_for_nothing():
    labels = np.zeros((3, 4, 5), np.uint8)
    labels[0], labels[2] = 1, 2
    first = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    second = -first
    second[0, 0, 0], second[2] = np.nan, np.inf
    table = measured([group(labels)], MeasuredPlace(channels=(first, second)))
    assert table["mean_1"].tolist() == [9.5, 49.5]
    assert table["mean_2"][0] == pytest.approx(-np.arange(1, 20).mean())
    assert table["sd_2"][0] == pytest.approx(np.arange(1, 20).std())
    assert np.isnan(table["mean_2"][1])
    assert np.isnan(table["sd_2"][1])


def test_pieces_of_nothing_are_a_table_without_rows():
    found = quietly(instances_job(np.zeros((4, 5, 6), bool), (1.0, 1.0, 1.0), InstanceSettings()))
    table = measured([MeasuredGroup(found.data, (), found.data.box)], MeasuredPlace(channels=(np.zeros((4, 5, 6)),)))
    assert len(table) == 0
    assert table.csv().startswith("id,name,parent,voxels,volume_pixel3,")


def test_pieces_in_their_box_measure_what_they_do_in_the_whole():
    labels = blobs(7, threshold=0.2)
    labels[:4], labels[:, :, 25:] = 0, 0
    found = quietly(instances_job(labels, (2.0, 1.0, 1.0), InstanceSettings()))
    objects = tuple(MeasuredObject(i, i, "piece") for i in range(1, found.count + 1))
    target = DistanceTarget("corner", np.pad(np.ones((2, 2, 2), bool), [(0, n - 2) for n in labels.shape]))
    place = MeasuredPlace((2.0, 1.0, 1.0), channels=(labels,))
    boxed, whole = (
        measured([MeasuredGroup(found.data, objects, box)], place, target) for box in (found.data.box, None)
    )
    assert boxed.csv() == whole.csv()


@pytest.mark.parametrize(
    ("edge", "unit", "expected"),
    [
        (10.0, "angstrom", "nm3"),  # a virus
        (8.0, "nanometer", "nm3"),
        (0.1, "micrometer", "um3"),  # a cell
        (1.0, "millimeter", "mm3"),  # a tumour
        (0.001, "millimeter", "um3"),
        (1.0, "pixel", "pixel3"),
    ],
)
def test_sizes_are_told_in_the_unit_that_makes_them_short(edge, unit, expected):
    mask = np.ones((10, 10, 10), bool)
    table = measured([MeasuredGroup.of_mask(mask, 1, "cube")], MeasuredPlace((edge,) * 3, unit))
    assert table.column("volume").header == f"volume_{expected}"
    assert 1e-3 < table["volume"][0] < 1e6


def test_csv_reads_back_as_the_numbers_that_were_measured(tmp_path):
    labels = blobs()
    table = measured([group(labels, "Å, “quoted” and comma")], MeasuredPlace((2.0, 2.0, 2.0), "nanometer"))
    path = tmp_path / "table.csv"
    table.write_csv(path)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    assert [int(row["voxels"]) for row in rows] == table["voxels"].tolist()
    np.testing.assert_allclose([float(row["surface_nm2"]) for row in rows], table["surface"], rtol=1e-8)
    assert rows[0]["name"] == "Å, “quoted” and comma"
    assert set(row["touches_edge"] for row in rows) <= {"True", "False"}


def test_csv_is_not_written_over_what_was_read(tmp_path):
    source = tmp_path / "volume.csv"
    source.write_text("precious")
    with pytest.raises(OutputError, match="read from"):
        measured([group(blobs())]).write_csv(source, [source])
    assert source.read_text() == "precious"


def test_rows_are_sorted_by_any_column_with_missing_values_last():
    labels = blobs()
    grey = labels.astype(np.float32)
    grey[labels == 3] = np.nan
    table = measured([group(labels)], MeasuredPlace(channels=(grey,)))
    for descending in (False, True):
        ordered = table.sorted_by("mean", descending)
        assert ordered["id"][-1] == 3
        known = ordered["mean"][:-1]
        assert (np.diff(known) * (-1 if descending else 1) > 0).all()
    by_name = table.sorted_by("name", descending=True)
    assert by_name["id"].tolist() == table["id"].tolist()
    large = table.take(table["voxels"] > 50)
    assert 0 < len(large) < len(table)
    with pytest.raises(SettingError, match="equivalent_diameter"):
        table.sorted_by("girth")


def test_progress_is_told():
    events = []
    drive(measure_job([group(blobs())], MeasuredPlace()), events.append)
    assert events
    assert all(isinstance(event, Progress) and 0 <= event.fraction <= 1 for event in events)
