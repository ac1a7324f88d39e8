"""What a person who drags a file onto napari gets."""

import gzip
import subprocess
import sys

import h5py
import numpy as np
import pytest

from napari_hypseg._napari.metadata_keys import SOURCE
from napari_hypseg._napari.reader import NO_LAYERS, get_reader, read
from napari_hypseg._napari.voxel_statistics import contrast_limits
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.writing import write_labels

PLUGIN = "napari-hypseg"
SHAPE, SIZE, ORIGIN = (6, 8, 10), (13.0, 12.0, 11.0), (5.0, -20.0, 300.0)  # as in conftest


def open_in(viewer, path):
    return viewer.open(path, plugin=PLUGIN)


def test_a_map_arrives_at_its_place_with_its_axes_in_order(viewer, mrc, grey, told):
    (layer,) = open_in(viewer, mrc)
    np.testing.assert_array_equal(np.asarray(layer.data), grey)
    np.testing.assert_allclose(layer.scale, SIZE)
    np.testing.assert_allclose(layer.translate, ORIGIN)
    assert [str(unit) for unit in layer.units] == ["angstrom"] * 3
    assert layer.name == "tomo"
    assert layer.metadata["hypseg_source"] == (str(mrc),)
    assert layer.world_to_data(np.add(ORIGIN, np.multiply(SIZE, (1, 2, 3)))) == pytest.approx((1, 2, 3))
    assert told() == []


def test_dropping_the_only_readable_kind_asks_nothing(viewer, mrc):
    (layer,) = viewer.open(mrc, plugin=None)
    assert layer.source.reader_plugin == PLUGIN


def test_an_unpacked_file_is_the_same(viewer, mrc, grey):
    packed = mrc.with_name("packed.MRC.gz")
    packed.write_bytes(gzip.compress(mrc.read_bytes()))
    (layer,) = open_in(viewer, packed)
    np.testing.assert_array_equal(np.asarray(layer.data), grey)


def test_image_and_labels_of_one_grid_have_identical_units(viewer, mrc, tmp_path):
    labels = LabelImage(np.ones(SHAPE, np.uint8), 1, SIZE, "angstrom", ORIGIN, {1: "membrane"})
    written = write_labels(tmp_path / "truth.mrc", labels)
    (image,), (mask,) = open_in(viewer, mrc), open_in(viewer, written)
    assert image.units == mask.units
    assert image.axis_labels == mask.axis_labels == viewer.dims.axis_labels == ("z", "y", "x")


@pytest.mark.parametrize("ending", [".mrc", ".tif", ".nii.gz", ".ome.zarr"])
def test_written_labels_come_back_as_labels_with_names(viewer, tmp_path, ending):
    data = np.random.default_rng(0).integers(0, 3, SHAPE).astype(np.uint16)
    image = LabelImage(data, 2, SIZE, "angstrom", ORIGIN, {1: "lumen", 2: "shell"}, {1: (1, 0, 0, 1), 2: (0, 1, 0, 1)})
    path = write_labels(tmp_path / f"m{ending}", image)
    (layer,) = open_in(viewer, path)
    assert layer._type_string == "labels"
    np.testing.assert_array_equal(np.asarray(layer.data), data)
    assert dict(zip(layer.features["index"], layer.features["name"], strict=True)) == {1: "lumen", 2: "shell"}
    voxel = tuple(np.argwhere(data == 2)[0])
    assert "name: shell" in layer.get_status(voxel)["value"]


def test_numbers_that_merely_look_like_labels_stay_an_image(viewer, tmp_path, write_mrc):
    path = write_mrc(tmp_path / "labels.mrc", np.ones(SHAPE, np.int16))
    (layer,) = open_in(viewer, path)
    assert layer._type_string == "image"


def _nifti(path, data, intent=None):
    import nibabel

    image = nibabel.Nifti1Image(data.T, np.diag([2.0, 3.0, 4.0, 1.0]))
    image.header.set_xyzt_units("mm")
    if intent:
        image.header.set_intent(intent)
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize(
    ("name", "dtype", "intent", "kind"),
    [
        ("sub-01_dseg.nii.gz", np.uint8, None, "labels"),
        ("brain_mask.nii", np.int16, None, "labels"),
        ("unnamed.nii", np.uint8, "label", "labels"),
        ("unnamed.nii", np.uint8, None, "image"),
        ("brain_mask.nii", np.float32, None, "image"),
        ("masked.nii", np.uint8, None, "image"),
    ],
)
def test_nifti_masks_open_as_labels_where_that_is_safe(viewer, tmp_path, name, dtype, intent, kind):
    data = (np.arange(np.prod(SHAPE)).reshape(SHAPE) % 5).astype(dtype)
    (layer,) = open_in(viewer, _nifti(tmp_path / name, data, intent))
    assert layer._type_string == kind
    np.testing.assert_array_equal(np.asarray(layer.data), data)
    assert layer.units == viewer.layers[0].units


def test_grey_values_are_no_labels_whatever_the_name(viewer, tmp_path):
    data = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    (layer,) = open_in(viewer, _nifti(tmp_path / "seg.nii", data))
    assert layer._type_string == "image"


def test_several_files_at_once_are_channels(viewer, mrc, grey, write_mrc):
    other = write_mrc(mrc.with_name("other.mrc"), -grey)
    layers = viewer.open([mrc, other], stack=True, plugin=PLUGIN)
    assert [layer.name for layer in layers] == ["tomo", "other"]
    assert {layer.blending for layer in layers} == {"additive"}
    assert layers[0].colormap.name != layers[1].colormap.name
    np.testing.assert_array_equal(np.asarray(layers[1].data), -grey)


def test_every_volume_of_an_hdf5_file_is_a_layer(viewer, tmp_path):
    data = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    with h5py.File(tmp_path / "cell.h5", "w") as file:
        file["volumes/raw"], file["volumes/mask"], file["list"] = data, data % 2, np.arange(5)
    layers = open_in(viewer, tmp_path / "cell.h5")
    assert [layer.name for layer in layers] == ["cell-mask", "cell-raw"]
    assert layers[1].metadata[SOURCE] == (str(tmp_path / "cell.h5" / "volumes" / "raw"),)


def test_channels_of_one_file_are_numbered(viewer, tmp_path):
    import tifffile

    data = np.random.default_rng(0).random((4, 2, 6, 7)).astype(np.float32)
    path = tmp_path / "two.tif"
    tifffile.imwrite(path, data, imagej=True, metadata={"axes": "ZCYX"})
    layers = open_in(viewer, path)
    assert [layer.name for layer in layers] == ["two 1", "two 2"]
    np.testing.assert_array_equal(np.asarray(layers[1].data), data[:, 1])


@pytest.mark.parametrize(
    ("name", "content"),
    [("broken.mrc", b"not a map at all"), ("empty.rec", b""), ("short.nii.gz", gzip.compress(b"short", mtime=0))],
)
def test_a_bad_file_gives_one_sentence_and_no_layer(viewer, tmp_path, told, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert open_in(viewer, path) == []
    ((severity, sentence),) = told()
    assert severity == "error"
    assert name in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ["picks.star", "picks.tbl"])
def test_a_list_of_particles_says_how_it_is_opened(viewer, tmp_path, told, name):
    path = tmp_path / name
    path.touch()
    assert open_in(viewer, path) == []
    ((severity, sentence),) = told()
    assert severity == "error"
    assert f"{name} is no volume" in sentence
    assert "Open picks…" in sentence


def test_what_nobody_foresaw_is_told_as_well(monkeypatch, mrc, told):
    monkeypatch.setattr("napari_hypseg._napari.reader.open_volume", lambda path: 1 / 0)
    assert read(str(mrc)) == NO_LAYERS
    ((_, sentence),) = told()
    assert "division by zero" in sentence


def test_a_header_that_lies_is_pointed_out(viewer, tmp_path, grey, told, write_mrc):
    path = write_mrc(tmp_path / "sizeless.mrc", grey, size=(0, 0, 0))
    (layer,) = open_in(viewer, path)
    ((severity, sentence),) = told()
    assert severity == "warning"
    assert "sizeless.mrc" in sentence
    assert "0 × 0 × 0" in sentence
    assert (layer.scale > 0).all()


@pytest.mark.parametrize("name", ["notes.txt", "picture.png", "table.csv"])
def test_what_is_not_ours_is_left_to_others(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"")
    assert get_reader(str(path)) is None
    assert get_reader(str(tmp_path)) is None
    assert get_reader([str(path), str(tmp_path / "a.mrc")]) is None


@pytest.mark.parametrize(
    ("shape", "keywords"),
    [((30, 40), {}), ((30, 40, 3), {"photometric": "rgb"}), ((2, 3, 4, 30, 40), {"photometric": "minisblack"})],
)
def test_pictures_and_time_series_are_left_to_napari(viewer, tmp_path, told, shape, keywords):
    import tifffile

    data = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    tifffile.imwrite(tmp_path / "flat.tif", data, **keywords)
    (layer,) = open_in(viewer, tmp_path / "flat.tif")
    np.testing.assert_array_equal(np.asarray(layer.data), data)
    assert told() == []


def test_a_volume_that_is_damaged_is_not_shown_by_another_reader(viewer, tmp_path, told):
    import tifffile

    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, np.ones((9, 30, 40), np.float32), photometric="minisblack")
    path.write_bytes(path.read_bytes()[:-9000])
    assert open_in(viewer, path) == []
    assert [severity for severity, _ in told()] == ["error"]


class Counting:
    """A lazy array that knows how much of it was read."""

    shape, dtype, ndim = (4000, 3000, 3000), np.dtype(np.float32), 3

    def __init__(self):
        self.read = 0

    def __getitem__(self, index):
        plane = np.random.default_rng(0).normal(5, 1, (self.shape[1], 1))[index[1]].astype(np.float32)
        part = np.broadcast_to(plane, (len(plane), len(range(*index[2].indices(self.shape[2])))))
        self.read += part.size
        return part


def test_contrast_comes_from_a_sample():
    channel = Counting()
    low, high = contrast_limits(channel)
    assert channel.read < 1e6
    assert 2 < low < 4 < 6 < high < 8


def test_contrast_of_odd_volumes_is_valid():
    assert contrast_limits(np.zeros((3, 4, 5))) == (0, 1)
    assert contrast_limits(np.full((3, 4, 5), np.nan)) == (0, 1)
    low, high = contrast_limits(np.full((3, 4, 5), 2.0**60))
    assert low < high
    spiked = np.zeros((3, 64, 64), np.float32)
    spiked[1, 32, 32] = 7
    assert contrast_limits(spiked) == (0, 7)
    low, high = contrast_limits(np.array([[[np.inf, 1.0], [2.0, -np.inf]]]))
    assert (low, high) == pytest.approx((1, 2), abs=0.01)


def test_asking_whether_a_file_can_be_read_loads_nothing_heavy(mrc):
    code = "import sys; from napari_hypseg._napari.reader import get_reader; assert get_reader(sys.argv[1]); "
    code += "print({'torch', 'napari', 'qtpy', 'zarr', 'nibabel'} & set(sys.modules) or 'nothing')"
    done = subprocess.run([sys.executable, "-c", code, str(mrc)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "nothing"


def test_a_bad_file_dropped_onto_the_window_is_told_once(make_napari_viewer, tmp_path, told):
    path = tmp_path / "dropped.mrc"
    path.write_bytes(b"not a map at all")
    window = make_napari_viewer()
    window.window._qt_viewer._qt_open([str(path)], stack=False)
    assert len(window.layers) == 0
    ((severity, sentence),) = told()
    assert (severity, "dropped.mrc" in sentence) == ("error", True)
