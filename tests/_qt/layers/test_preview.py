import numpy as np
import pytest

from napari_hypseg._qt.layers.preview import PreviewVolume, preview_table, slice_in_view
from napari_hypseg.pipeline import Preview, SliceView
from napari_hypseg.volumes import Volume

SHAPE = (4, 5, 6)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("key", [np.s_[:], np.s_[2], np.s_[:, 2], np.s_[..., 2], np.s_[1:3, :, ::2], np.s_[2, 1, 3]])
def test_a_preview_slices_like_the_array_it_stands_for(axis, key):
    rows, columns = (n for other, n in enumerate(SHAPE) if other != axis)
    labels = np.arange(1, rows * columns + 1, dtype=np.uint8).reshape(rows, columns)
    whole = np.zeros(SHAPE, dtype=np.uint16)
    np.moveaxis(whole, axis, 0)[2] = labels
    volume = PreviewVolume(SHAPE, Preview(SliceView(0, axis, 2), labels))
    np.testing.assert_array_equal(np.asarray(volume), whole)
    np.testing.assert_array_equal(volume[key], whole[key])


def test_a_blank_preview_is_outside_everywhere():
    assert PreviewVolume(SHAPE)[0].max() == 0


def test_its_colours_are_eight_and_outside_is_clear():
    table = preview_table()
    assert table.rows.shape == (9, 4)
    assert len(np.unique(table.rows, axis=0)) == 9
    assert table.rows[0, 3] == 0


def test_the_slice_in_view_follows_axes_place_and_visibility(make_napari_viewer):
    viewer = make_napari_viewer()
    volumes = [Volume((np.zeros(SHAPE),), (2.0, 2.0, 2.0), origin=(origin, 0.0, 0.0)) for origin in (0.0, 100.0)]
    layers = [viewer.add_image(v.channels[0], scale=v.voxel_size, translate=v.origin) for v in volumes]
    shown = list(zip(volumes, layers, strict=True))
    viewer.dims.set_point(0, 6)
    assert slice_in_view(viewer, shown) == SliceView(0, 0, 3)
    viewer.dims.set_point(0, 102)
    assert slice_in_view(viewer, shown) == SliceView(1, 0, 1)
    layers[1].visible = False
    assert slice_in_view(viewer, shown) is None
    viewer.dims.order = (1, 0, 2)
    viewer.dims.set_point(1, 4)
    assert slice_in_view(viewer, shown) == SliceView(0, 1, 2)
    viewer.dims.ndisplay = 3
    assert slice_in_view(viewer, shown) is None
