"""What all arrays have in common that are read piece by piece: the rest of what NumPy and napari ask an array for."""

from abc import ABC, abstractmethod
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt


class ArrayBase(ABC):
    """A read-only array of which only what is asked for is read."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Its length along each axis."""

    @property
    @abstractmethod
    def dtype(self) -> Any:
        """NumPy's dtype of a value, or its name."""

    @abstractmethod
    def __getitem__(self, index: Any, /) -> Any:
        """``array[index]`` in memory."""

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(map(int, self.shape))

    def __len__(self) -> int:
        return int(self.shape[0])

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """All of it in memory."""
        return np.asarray(self[:], dtype=dtype)
