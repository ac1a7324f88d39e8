"""Images or boxes in random order: what a model of whole particles learns from."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.volume import LazyArray


class ImageSampler:
    """Draws every image once before any is drawn again.

    Parameters
    ----------
    images
        (n, *shape), standardised; read as they are drawn.
    seed
        Start of the random numbers.
    """

    def __init__(self, images: LazyArray, seed: int) -> None:
        self._images = images
        self._random = np.random.default_rng(seed)
        self._waiting = np.zeros(0, dtype=np.int64)

    @property
    def examples(self) -> str:
        """What they are called."""
        return "particles"

    def shrink(self) -> str | None:
        """None: a particle is as large as it is."""
        return None

    def draw(self, count: int) -> npt.NDArray[np.float32]:
        """`count` images, float32 (count, *shape)."""
        while len(self._waiting) < count:
            self._waiting = np.concatenate([self._waiting, self._random.permutation(self._images.shape[0])])
        chosen, self._waiting = self._waiting[:count], self._waiting[count:]
        # Files are read in ascending order, each place once.
        places, back = np.unique(chosen, return_inverse=True)
        return np.stack([np.asarray(self._images[int(place)], dtype=np.float32) for place in places])[back]
