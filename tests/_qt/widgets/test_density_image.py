"""The cloud behind the points of a chart."""

import numpy as np
from qtpy.QtCore import QSize
from qtpy.QtGui import QColor

from napari_hypseg._qt.widgets.density_image import CELL, density, density_image


def test_the_densest_place_is_one_and_what_lies_outside_is_left_out():
    pixels = np.concatenate([np.full(20, 41 + 22j), np.full(5, 81 + 62j), [-3 + 5j, 5 + 900j]])
    shares = density(pixels, QSize(120, 79))
    assert shares.shape == (20, 30)
    assert np.unravel_index(shares.argmax(), shares.shape) == (22 // CELL, 41 // CELL)
    assert shares.max() == 1
    np.testing.assert_allclose(shares[62 // CELL, 81 // CELL], 0.25, atol=0.01)
    assert shares[0, 0] == 0
    assert density(np.zeros(0, dtype=np.complex128), QSize(8, 8)).max() == 0


def test_the_image_has_the_colour_and_is_more_opaque_where_it_is_dense():
    image = density_image(np.array([[0, 0.25, 1]], dtype=np.float32), QColor(200, 100, 50))
    clear, thin, dense = (image.pixelColor(x, 0) for x in range(3))
    assert clear.alpha() == 0
    assert 0 < thin.alpha() < dense.alpha() < 255
    assert np.allclose(dense.getRgb()[:3], (200, 100, 50), atol=3)
