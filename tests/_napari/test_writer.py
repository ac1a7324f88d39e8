"""What other programs get from File › Save: regions at the right place, whichever writer is chosen."""

import numpy as np
import pytest
from napari.layers import Labels

from napari_hypseg._napari.leaf_labels import leaf_labels
from napari_hypseg._napari.leaf_table import LeafTable
from napari_hypseg._napari.project_layers import slider_layer
from napari_hypseg.errors import OutputError
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.io.opening import open_volume
from napari_hypseg.volumes.units import convert

PLUGIN = "napari-hypseg"
SHAPE, SIZE, ORIGIN = (6, 8, 10), (13.0, 12.0, 11.0), (5.0, -20.0, 300.0)  # as in conftest


@pytest.fixture
def table(tree):
    return LeafTable.of(tree, cut_at(tree, 3))


@pytest.fixture
def layer(leaves, table):
    return leaf_labels(leaves, table, "level", SIZE, "angstrom", ORIGIN)


@pytest.mark.parametrize("ending", [".mrc", ".tif", ".nii.gz", ".ome.zarr", ".zarr"])
@pytest.mark.usefixtures("viewer")
def test_a_level_is_saved_as_regions_in_its_place(layer, leaves, table, tmp_path, ending):
    (path,) = layer.save(str(tmp_path / f"level{ending}"), plugin=PLUGIN)
    volume = open_volume(path)
    data = np.asarray(volume.channels[0][:])
    np.testing.assert_array_equal(data, table.regions[leaves])
    assert data.dtype.itemsize == 1
    in_angstrom = [
        [convert(n, volume.unit, "angstrom") for n in triple] for triple in (volume.voxel_size, volume.origin)
    ]
    np.testing.assert_allclose(in_angstrom, [SIZE, ORIGIN], rtol=1e-5)
    assert volume.metadata["names"] == dict(table.names)


@pytest.mark.usefixtures("viewer")
def test_regions_never_replace_what_their_project_was_made_from(project, mrc):
    layer = slider_layer(project)
    before = mrc.read_bytes()
    for target in (mrc, project.path / "regions.mrc"):
        with pytest.raises(OutputError, match="choose another"):
            layer.save(str(target), plugin=PLUGIN)
    assert mrc.read_bytes() == before


@pytest.mark.usefixtures("viewer")
def test_naparis_own_writer_gets_regions_too(layer, leaves, table, tmp_path):
    (path,) = layer.save(str(tmp_path / "level.tif"), plugin="napari")
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0][:]), table.regions[leaves])


def test_a_duplicate_is_a_plain_layer_of_regions_that_can_be_painted_on(viewer, layer, leaves, table):
    from napari.layers._layer_actions import _duplicate_layer

    viewer.add_layer(layer)
    viewer.layers.selection = {layer}
    _duplicate_layer(viewer.layers)
    copy = viewer.layers[1]
    np.testing.assert_array_equal(copy.data, table.regions[leaves])
    for leaf, region in enumerate(table.regions.tolist()[1:], start=1):
        np.testing.assert_allclose(copy.get_color(region), layer.colormap.map(leaf))
    copy.data_setitem((np.array([1]), np.array([1]), np.array([1])), 2)
    assert copy.data[1, 1, 1] == 2
    assert leaves[1, 1, 1] == 1
    np.testing.assert_allclose(copy.scale, layer.scale)
    assert copy.units == layer.units


@pytest.mark.usefixtures("viewer")
def test_a_plain_labels_layer_is_saved_as_it_is(tmp_path):
    data = np.zeros(SHAPE, np.int64)
    data[2, 3, 4], data[0, 0, 9] = 7, 300
    names = {"index": [7, 300], "name": ["spike", "gold"]}
    plain = Labels(data, scale=SIZE, units=("angstrom",) * 3, translate=ORIGIN, features=names)
    (path,) = plain.save(str(tmp_path / "plain.ome.zarr"), plugin=PLUGIN)
    volume = open_volume(path)
    np.testing.assert_array_equal(np.asarray(volume.channels[0][:]), data)
    assert volume.channels[0].dtype == np.uint16
    assert volume.metadata["names"] == {7: "spike", 300: "gold"}
    assert volume.metadata["colours"][7] == pytest.approx(tuple(plain.get_color(7)), abs=0.01)


@pytest.mark.parametrize(
    ("data", "keywords", "word"),
    [
        (np.ones((4, 5), np.uint8), {}, "2 axes"),
        (-np.ones(SHAPE, np.int8), {}, "label -1"),
        (np.ones(SHAPE, np.uint8), {"rotate": 30}, "rotated"),
        (np.ones(SHAPE, np.uint8), {"scale": (1, -1, 1)}, "positive voxel size"),
        (np.ones(SHAPE, np.uint8), {"units": ("nm", "nm", "um")}, "different units"),
    ],
)
@pytest.mark.usefixtures("viewer")
def test_what_a_file_cannot_express_is_refused_in_one_sentence(tmp_path, data, keywords, word):
    path = tmp_path / "x.mrc"
    with pytest.raises(OutputError, match=word) as raised:
        Labels(data, name="mine", **keywords).save(str(path), plugin=PLUGIN)
    assert "mine" in str(raised.value)
    assert not path.exists()


@pytest.mark.usefixtures("viewer")
def test_a_folder_that_cannot_be_written_is_named(layer, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="file"):
        layer.save(str(tmp_path / "file" / "x.mrc"), plugin=PLUGIN)


def test_table_of_a_cut(tree, table, leaves):
    np.testing.assert_array_equal(table.regions, lookup(tree, cut_at(tree, 3)))
    assert set(table.region_colours) == {1, 2, 3}
    assert table.rows[0].tolist() == [0, 0, 0, 0]
    assert len({tuple(table.rows[leaf]) for leaf in range(1, 6)}) == 3
