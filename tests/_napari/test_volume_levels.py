"""Large volumes are shown at several resolutions, and are the finest one for everything else."""

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer

from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._napari.volume_layers import volume_layers
from napari_hypseg.volumes import Volume, levels


def test_a_large_volume_is_multiscale(monkeypatch):
    monkeypatch.setattr(levels, "LARGE", 10)
    monkeypatch.setattr(levels, "COARSEST", 16)
    grey = np.random.default_rng(0).normal(size=(30, 40, 50)).astype(np.float32)
    volume = Volume((grey,), (2.0, 2.0, 2.0), "angstrom", (1.0, 2.0, 3.0))
    viewer = ViewerModel()
    layer = viewer.add_layer(Layer.create(*volume_layers(volume)[0]))
    assert layer.multiscale
    assert [tuple(shape) for shape in layer.level_shapes] == [(30, 40, 50), (15, 20, 25), (7, 10, 12)]
    read, pick = [], levels.EveryPlane.__getitem__
    monkeypatch.setattr(levels.EveryPlane, "__getitem__", lambda one, index: read.append(index) or pick(one, index))
    viewer.dims.set_point(0, 12.0)
    assert all(index[0].stop - index[0].start == 1 for index in read), "a section reads one plane"
    viewer.dims.ndisplay = 3
    assert layer._slice.image.raw.shape == (7, 10, 12)
    again = volume_from_layers([layer])
    np.testing.assert_array_equal(np.asarray(again.channels[0]), grey)
    assert (again.voxel_size, again.origin) == (volume.voxel_size, volume.origin)


def test_what_was_computed_is_not_computed_again(monkeypatch):
    """Sections across the planes, and the whole in three dimensions, take the longest."""
    monkeypatch.setattr(levels, "LARGE", 10)
    monkeypatch.setattr(levels, "COARSEST", 16)
    grey = np.random.default_rng(0).normal(size=(30, 80, 50)).astype(np.float32)
    (_, coarse, *_), _, _ = volume_layers(Volume((grey,)))[0]
    read, pick = [], levels.EveryPlane.__getitem__
    monkeypatch.setattr(levels.EveryPlane, "__getitem__", lambda one, index: read.append(index) or pick(one, index))
    section = np.asarray(coarse[0:15, :, 0:25][:, 3, :])
    np.testing.assert_allclose(section, grey[1::2, 6:8].reshape(15, 2, 25, 2).mean(axis=(1, 3)), atol=1e-6)
    computed = len(read)
    np.asarray(coarse[:, 3])
    np.asarray(coarse[:, 4])
    assert len(read) == computed
    np.testing.assert_allclose(np.asarray(coarse)[:, 3], section)
    computed = len(read)
    np.asarray(coarse)
    assert len(read) == computed


def test_a_usual_volume_is_not():
    data, keywords, _ = volume_layers(Volume((np.zeros((4, 5, 6), np.float32),)))[0]
    assert data.shape == (4, 5, 6)
    assert not keywords["multiscale"]
