"""What every lazy array answers from its shape, its dtype and its parts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_hypseg.array_base import ArrayBase


@dataclass(frozen=True, eq=False)
class _Counted(ArrayBase):
    """Numbers from 0."""

    shape: tuple[int, ...] = (3, 4, 5)
    dtype: Any = "int16"

    def __getitem__(self, index: Any, /) -> Any:
        return np.arange(60, dtype=self.dtype).reshape(self.shape)[index]


def test_answers_what_numpy_asks() -> None:
    array = _Counted()
    assert (array.ndim, array.size, len(array)) == (3, 60, 3)
    assert np.asarray(array).tolist() == np.arange(60).reshape(3, 4, 5).tolist()
    assert np.asarray(array, dtype=np.float32).dtype == np.float32


def test_sizes_beyond_32_bits() -> None:
    assert _Counted((4096, 4096, 4096)).size == 4096**3
