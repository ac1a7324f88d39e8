"""Descriptors of merged regions; what reads a project uses them, so there are no networks here."""

import numpy as np
import numpy.typing as npt


def merged_descriptors(
    descriptors: npt.NDArray[np.float32], sizes: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Descriptors (k, F) of merged regions; of `descriptors` (r, F) and `sizes` (r,) put together by `numbers`."""
    totals = np.maximum(np.bincount(numbers, weights=sizes), 1)
    sums = [np.bincount(numbers, weights=sizes * column) for column in descriptors.T]
    columns = np.reshape(sums, (descriptors.shape[1], len(totals))).T  # there may be none
    return np.asarray(columns / totals[:, None], dtype=np.float32)
