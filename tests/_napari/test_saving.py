"""File › Save: whatever type and name a person leaves or types, nothing fails without a word or loses its place."""

from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from napari.plugins import _npe2
from napari.plugins.io import save_layers
from npe2 import PluginManager

from napari_hypseg._napari.box_layer import BoxLayer
from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.leaf_labels import leaf_labels
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._napari.plugin_preference import offer_writers_first
from napari_hypseg.errors import OutputError
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.io.opening import open_volume
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.units import convert

SHAPE, SIZE, ORIGIN = (6, 8, 10), (13.0, 12.0, 11.0), (5.0, -20.0, 300.0)  # as in conftest
PLACE = placement_keywords(SIZE, "angstrom", ORIGIN)


@pytest.fixture(autouse=True)
def order(viewer):
    """Our writers first, for this test."""
    index = PluginManager.instance()._contrib
    before = list(index._writers)
    offer_writers_first()
    yield
    index._writers[:] = before


@pytest.fixture
def regions(leaves, tree):
    return leaf_labels(leaves, LeafTable.of(tree, cut_at(tree, 3)), "regions", SIZE, "angstrom", ORIGIN)


@pytest.fixture
def image(grey):
    return Image(grey, name="tomo", **PLACE)


@pytest.fixture
def box(viewer):
    return BoxLayer(viewer, SHAPE, Box((1, 2, 3), (4, 6, 8)), **PLACE).layer


def save(path, *layers):
    """What napari does when its dialog is closed with the type that it offers first."""
    _, writers = _npe2.file_extensions_string_for_layers(layers)
    return save_layers(str(path), list(layers), _writer=writers[0])


def placement_from_layer(volume):
    return [[convert(n, volume.unit, "angstrom") for n in triple] for triple in (volume.voxel_size, volume.origin)]


@pytest.mark.parametrize("name", ["out", "out.tif", "out.mrc", "out.nii.gz", "out.h5", "out.zarr"])
def test_an_image_and_regions_keep_their_place_under_the_first_type(regions, image, tmp_path, name):
    for layer in (image, regions):
        (path,) = save(tmp_path / f"{layer.name}_{name}", layer)
        volume = open_volume(path)
        data, _, _ = layer.as_layer_data_tuple()
        np.testing.assert_array_equal(np.asarray(volume.channels[0]), np.asarray(data))
        np.testing.assert_allclose(placement_from_layer(volume), [SIZE, ORIGIN], rtol=1e-5)


def test_the_first_type_is_the_usual_one_and_says_whose_it_is(regions, image):
    for layer in (regions, image):
        text, _ = _npe2.file_extensions_string_for_layers([layer])
        assert text.startswith("Hypseg TIFF stack (*.tif *.tiff)")


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (Image(np.zeros((20, 30), np.uint8)), "flat.tif"),
        (Image(np.zeros((20, 30, 3), np.uint8), rgb=True), "rgb.png"),
        (Image(np.zeros((20, 30), np.uint8)), "flat.png"),
        (Labels(np.ones((20, 30), np.uint8)), "flat.tif"),
    ],
)
def test_what_is_no_volume_is_saved_by_napari_as_ever(tmp_path, layer, name):
    (path,) = save(tmp_path / name, layer)
    assert path == str(tmp_path / name)
    assert (tmp_path / name).stat().st_size > 0


def test_what_cannot_be_saved_so_is_one_sentence(tmp_path):
    for layer in (Image(np.zeros((20, 30), np.uint8), name="flat"), Labels(np.ones((20, 30), np.uint8), name="flat")):
        with pytest.raises(OutputError, match="The layer flat"):
            save(tmp_path / "flat.mrc", layer)


def test_an_image_never_replaces_its_own_file(viewer, mrc):
    (layer,) = viewer.open(mrc, plugin="napari-hypseg")
    before = mrc.read_bytes()
    with pytest.raises(OutputError):
        save(mrc, layer)
    assert mrc.read_bytes() == before


def test_rounded_voxels_are_told(tmp_path, told, grey):
    save(tmp_path / "out.mrc", Image(grey.astype(np.float64) + 1e-9, **PLACE))
    ((severity, sentence),) = told()
    assert severity == "warning"
    assert "rounded" in sentence


def test_a_box_is_saved_and_duplicated_as_its_corners(box, tmp_path):
    (path,) = save(tmp_path / "box", box)
    corners = np.loadtxt(path, delimiter=",", skiprows=1)[:, 1:]
    assert corners.min(axis=0).tolist() == [1, 2, 3]
    assert corners.max(axis=0).tolist() == [3, 5, 7]
    copy = Layer.create(*box.as_layer_data_tuple())
    assert (len(copy.data), copy.editable) == (8, True)
    np.testing.assert_allclose(copy.scale, SIZE)


def test_several_layers_become_a_file_each(regions, image, box, tmp_path):
    paths = save(tmp_path / "all.mrc", image, regions, box)
    assert paths == [str(tmp_path / name) for name in ("all_tomo.mrc", "all_regions.mrc", "all_sample box.csv")]
    np.testing.assert_allclose(placement_from_layer(open_volume(paths[1])), [SIZE, ORIGIN], rtol=1e-5)
    before = (tmp_path / "all_tomo.mrc").read_bytes()
    with pytest.raises(OutputError, match="there already"):
        save(tmp_path / "all.mrc", regions, image)
    assert (tmp_path / "all_tomo.mrc").read_bytes() == before


def test_reading_a_file_of_ours_is_enough(viewer, mrc):
    index = PluginManager.instance()._contrib
    index._writers.sort(key=lambda entry: entry[3].command.startswith("napari-hypseg."))
    (layer,) = viewer.open(mrc, plugin="napari-hypseg")
    assert _npe2.file_extensions_string_for_layers([layer])[0].startswith("Hypseg TIFF stack")


def test_napari_saves_all_layers_to_a_folder_without_loss(regions, image, tmp_path):
    """File › Save all layers with napari's own writer, which a person can choose by hand."""
    viewer = ViewerModel()
    for layer in (image, regions):
        viewer.add_layer(layer)
    paths = viewer.layers.save(str(tmp_path / "all"), plugin="napari")
    assert [Path(path).name for path in paths] == ["tomo.tif", "regions.tif"]
    for layer, path in zip((image, regions), paths, strict=True):
        data, _, _ = layer.as_layer_data_tuple()
        volume = open_volume(path)
        np.testing.assert_array_equal(np.asarray(volume.channels[0]), np.asarray(data))
        np.testing.assert_allclose(placement_from_layer(volume)[0], SIZE, rtol=1e-5)
