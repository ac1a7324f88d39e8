"""How densely points lie in a picture, as a faint cloud behind what is drawn."""

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QSize
from qtpy.QtGui import QColor, QImage
from scipy.ndimage import gaussian_filter

from napari_hypseg.geometry.picture_plane import Places

CELL = 4
"""Pixels of the widget along the edge of one of the image."""
WIDTH = 1.5
"""Standard deviation of the smoothing, in cells."""
OPACITY = 0.55
"""Of the densest place."""


def density(pixels: Places, size: QSize) -> npt.NDArray[np.float32]:
    """Share (y, x) of the densest place, in cells of `CELL` pixels; 1 there, 0 where no point is near.

    Parameters
    ----------
    pixels
        x + iy of points (n,), also outside.
    size
        Pixels of the picture.
    """
    width, height = -(-size.width() // CELL), -(-size.height() // CELL)
    x, y = (np.floor(part / CELL).astype(np.int64) for part in (pixels.real, pixels.imag))
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    counts = np.bincount(y[inside] * width + x[inside], minlength=width * height).reshape(height, width)
    smooth = gaussian_filter(counts.astype(np.float32), WIDTH, mode="constant")
    return np.asarray(smooth / max(float(smooth.max()), 1e-9), dtype=np.float32)


def density_image(shares: npt.NDArray[np.float32], colour: QColor) -> QImage:
    """An image of a colour that is the more opaque the denser it is; the square root shows thin places, too."""
    height, width = shares.shape
    alpha = OPACITY * np.sqrt(shares)
    channels = (colour.blueF(), colour.greenF(), colour.redF(), 1.0)  # as the bytes of a little-endian ARGB32 stand
    pixels = np.round(255 * alpha[..., None] * np.array(channels, dtype=np.float32)).astype(np.uint8)
    made = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return made.copy()  # the bytes do not outlive this function
