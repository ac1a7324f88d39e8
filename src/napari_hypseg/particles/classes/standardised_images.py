"""Particles with a mean of 0 and a standard deviation of 1 each, read as they are asked for."""

from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes import LazyArray

FLAT = 1e-6
"""Standard deviation below which a particle is flat and stays 0."""


class StandardisedImages:
    """A lazy array (n, *shape) of particles, each with a mean of 0 and a standard deviation of 1.

    Values that are no numbers become 0.

    Parameters
    ----------
    images
        Lazy array (n, *shape) of any real dtype.
    """

    def __init__(self, images: LazyArray) -> None:
        self._images = images
        self.shape = tuple(images.shape)
        self.dtype = np.dtype(np.float32)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> npt.NDArray[np.float32]:
        """The particle at a place, or the particles (m, *shape) at a slice or places."""
        images = np.asarray(self._images[index], dtype=np.float32)
        axes = tuple(range(images.ndim - len(self.shape) + 1, images.ndim))
        known = np.isfinite(images)
        if not known.all():
            images = np.where(known, images, np.nan)
            mean = np.where(known.any(axes, keepdims=True), np.nansum(images, axes, keepdims=True), 0)
            images = np.where(known, images, mean / np.maximum(known.sum(axes, keepdims=True), 1))
        centred = images - images.mean(axes, keepdims=True)
        return np.asarray(centred / np.maximum(centred.std(axes, keepdims=True), FLAT), dtype=np.float32)
