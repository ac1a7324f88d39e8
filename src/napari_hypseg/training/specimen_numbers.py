"""Numbers of specimens as examples, for a model that holds the specimens itself."""

import numpy as np
import numpy.typing as npt


class SpecimenNumbers:
    """Draws every number once before any is drawn again.

    Parameters
    ----------
    count
        Specimens.
    seed
        Start of the random numbers.
    """

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._random = np.random.default_rng(seed)
        self._waiting = np.zeros(0, dtype=np.int64)

    @property
    def examples(self) -> str:
        """What they are called."""
        return "specimens"

    def shrink(self) -> str | None:
        """None: a specimen is as large as it is."""
        return None

    def draw(self, count: int) -> npt.NDArray[np.int64]:
        """`count` numbers from 0."""
        while len(self._waiting) < count:
            self._waiting = np.concatenate([self._waiting, self._random.permutation(self._count)])
        chosen, self._waiting = self._waiting[:count], self._waiting[count:]
        return chosen
