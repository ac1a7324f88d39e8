"""Images of particles turned and shifted back by the angle and centre of a table of classes, without the network."""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes import LazyArray

Floats = npt.NDArray[np.float64]


class AlignedSlices:
    """A lazy array (n, y, x), read and turned as it is asked for.

    Parameters
    ----------
    images
        Lazy array (n, y, x).
    angles
        float64 (n,): by how many degrees each is turned from the reference, clockwise with y downwards; NaN leaves it.
    centres
        float64 (n, 2), order yx: where the middle of its content lies, in pixels from the middle of the image.
    """

    def __init__(self, images: LazyArray, angles: Floats, centres: Floats) -> None:
        self._images, self._angles, self._centres = images, angles, centres
        self.shape, self.dtype = images.shape, np.dtype(np.float32)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, index: Any) -> npt.NDArray[np.float32]:
        """The image (y, x) at a place, or the images (m, y, x) at places."""
        if np.ndim(index) == 0:
            return self._one(int(index))
        return np.stack([self._one(int(place)) for place in index])

    def _one(self, place: int) -> npt.NDArray[np.float32]:
        image = np.asarray(self._images[place], dtype=np.float32)
        if not np.isfinite(self._angles[place]):
            return image
        return turned_back(image, float(self._angles[place]), self._centres[place])


def turned_back(image: npt.NDArray[np.float32], angle: float, centre: Floats) -> npt.NDArray[np.float32]:
    """An image (y, x) as it would be unturned and centred; its mean where nothing was seen."""
    from scipy.ndimage import affine_transform

    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    forth = np.array([[cos, sin], [-sin, cos]])  # columns (y, x): from the reference to the particle
    middle = (np.array(image.shape) - 1) / 2
    return np.asarray(
        affine_transform(image, forth, middle + centre - forth @ middle, order=1, cval=float(image.mean())),
        dtype=np.float32,
    )
