"""What the tree needs to know of a manifold: distances and weighted means, so that no linkage names a geometry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Metric:
    """Distances and means of one manifold, in NumPy.

    Parameters
    ----------
    pairwise
        (m, d) and (n, d) points to their (m, n) distances.
    centroid
        (b, n, d) points and (b, n) weights ≥ 0, not all 0, to the (b, d) weighted means of each set.
    """

    pairwise: Callable[[Array, Array], Array]
    centroid: Callable[[Array, Array], Array]


def _euclidean_pairwise(first: Array, second: Array) -> Array:
    return np.asarray(np.sqrt(np.square(first[:, None, :] - second[None, :, :]).sum(axis=-1)))


def _euclidean_centroid(points: Array, weights: Array) -> Array:
    return np.asarray(np.einsum("bn,bnd->bd", weights, points) / weights.sum(axis=1, keepdims=True))


EUCLIDEAN = Metric(_euclidean_pairwise, _euclidean_centroid)
