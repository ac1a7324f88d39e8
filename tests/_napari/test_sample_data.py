import numpy as np


def test_the_phantom_opens_with_its_truth_hidden(viewer):
    viewer.open_sample("napari-hypseg", "phantom")
    image, truth = viewer.layers
    assert image.data.shape == truth.data.shape == (50, 50, 50)
    assert (image.visible, truth.visible) == (True, False)
    assert image.units == truth.units
    np.testing.assert_allclose(image.scale, truth.scale)
    truth.visible = True
    voxel = tuple(np.argwhere(truth.data == 3)[0])
    assert "name: mitochondrion" in truth.get_status(voxel)["value"]
