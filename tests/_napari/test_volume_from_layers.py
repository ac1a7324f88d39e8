"""Open layers as a specimen."""

import numpy as np
import pytest
from napari.layers import Image, Labels
from napari.utils._proxies import PublicOnlyProxy

from napari_hypseg._napari.volume_from_layers import mask_from_layer, volume_from_layers
from napari_hypseg.errors import InputError
from napari_hypseg.io.file_array import FileArray

PLUGIN = "napari-hypseg"
SHAPE, SIZE, ORIGIN = (6, 8, 10), (13.0, 12.0, 11.0), (5.0, -20.0, 300.0)  # as in conftest
PLACE = {"scale": SIZE, "translate": ORIGIN, "units": ("angstrom",) * 3}


@pytest.fixture
def image(grey):
    return Image(grey, name="tomo", **PLACE)


def test_a_layer_becomes_a_volume_in_its_place(image, grey):
    volume = volume_from_layers([image])
    assert volume.channels[0] is grey
    assert (volume.voxel_size, volume.unit, volume.origin) == (SIZE, "angstrom", ORIGIN)
    assert volume.name == "tomo"
    assert volume.sources == ()


def test_a_layer_from_the_reader_remembers_its_file_even_if_its_scale_was_corrected(viewer, mrc):
    (layer,) = viewer.open(mrc, plugin=PLUGIN)
    layer.scale = (20, 20, 20)
    volume = volume_from_layers([PublicOnlyProxy(viewer).layers[0]])
    assert volume.sources == (mrc,)
    assert volume.voxel_size == (20, 20, 20)
    assert type(volume.channels[0]) is FileArray


def test_channels_from_several_files(viewer, mrc, grey, write_mrc):
    other = write_mrc(mrc.with_name("other.mrc"), -grey)
    layers = viewer.open([mrc, other], stack=True, plugin=PLUGIN)
    apart = [viewer.open(path, plugin=PLUGIN)[0] for path in (mrc, other)]
    assert volume_from_layers(apart).sources == (mrc, other)
    assert volume_from_layers(layers).sources == (mrc, other)
    assert len(volume_from_layers(layers).channels) == 2


def test_a_channel_without_its_siblings_lives_in_memory(viewer, tmp_path):
    import tifffile

    path = tmp_path / "two.tif"
    tifffile.imwrite(path, np.zeros((4, 2, 6, 7), np.float32), imagej=True, metadata={"axes": "ZCYX"})
    first, second = viewer.open(path, plugin=PLUGIN)
    assert volume_from_layers([first, second]).sources == (path,)
    assert volume_from_layers([second]).sources == ()
    assert volume_from_layers([second, first]).sources == ()


def test_the_finest_level_of_a_pyramid_counts(grey):
    layer = Image([grey, grey[::2, ::2, ::2]], multiscale=True, **PLACE)
    volume = volume_from_layers([layer])
    assert volume.shape == SHAPE
    assert volume.voxel_size == SIZE


@pytest.mark.parametrize(
    ("layers", "word"),
    [
        ([], "No image layer"),
        ([Labels(np.ones(SHAPE, np.uint8), name="bad")], "bad is no image"),
        ([Image(np.ones((4, 5, 3)), rgb=True, name="bad")], "bad is an RGB image"),
        ([Image(np.ones((4, 5)), name="bad")], "bad is a 2-D image"),
        ([Image(np.ones((2, 3, 4, 5)), name="bad")], "bad is a 4-D stack"),
        ([Image(np.ones(SHAPE), rotate=30, name="bad")], "bad is rotated"),
        ([Image(np.ones(SHAPE), affine=np.diag([2, 1, 1, 1]), name="bad")], "affine"),
        ([Image(np.ones(SHAPE)), Image(np.ones((6, 8, 11)))], "share a grid"),
        ([Image(np.ones(SHAPE)), Image(np.ones(SHAPE), scale=(2, 2, 2))], "different voxel sizes"),
        ([Image(np.ones(SHAPE)), Image(np.ones(SHAPE), units="nm")], "different voxel sizes"),
        ([Image(np.ones(SHAPE)), Image(np.ones(SHAPE), translate=(0, 0, 1))], "different places"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_sentence(layers, word):
    with pytest.raises(InputError, match=word):
        volume_from_layers(layers)


def test_a_mask(image):
    painted = np.zeros(SHAPE, np.uint8)
    painted[2:4] = 1
    volume = volume_from_layers([image])
    mask = mask_from_layer(Labels(painted, **PLACE), volume)
    assert mask.shape == volume.shape
    np.testing.assert_array_equal(mask.channels[0], painted)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, bool])
def test_an_image_of_few_whole_numbers_is_a_mask_too(image, dtype):
    painted = np.zeros(SHAPE, dtype)
    painted[2:4] = 1
    mask = mask_from_layer(Image(painted, **PLACE), volume_from_layers([image]))
    np.testing.assert_array_equal(np.asarray(mask.channels[0]) > 0, painted > 0)


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        (Labels(np.zeros(SHAPE, np.uint8), **PLACE, name="mine"), "mine is empty"),
        (Labels(np.ones((6, 8, 11), np.uint8), **PLACE, name="mine"), "mine has"),
        (Labels(np.ones(SHAPE, np.uint8), name="mine"), "different voxel sizes"),
        (Image(np.full(SHAPE, 0.5), name="mine"), "mine cannot be a mask"),
        (Image(np.arange(480).reshape(SHAPE), name="mine"), "mine cannot be a mask"),
    ],
)
def test_a_bad_mask(image, layer, word):
    with pytest.raises(InputError, match=word):
        mask_from_layer(layer, volume_from_layers([image]))
