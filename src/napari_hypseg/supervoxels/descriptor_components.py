"""Whitened principal components of descriptors: a few coordinates of equal variance in place of many alike."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.supervoxels.feature_weights import WEIGHTS

LEAST_VARIANCE = 1e-6
"""Share of the variance below which a component is rounding."""
ROUNDING = 1e-7
"""Relative precision of a float32: descriptors that differ by less are the same."""


def descriptor_components(
    descriptors: npt.NDArray[np.float32], sizes: npt.NDArray[np.int64], count: int = WEIGHTS.components
) -> npt.NDArray[np.float32]:
    """The first principal components of standardised descriptors, float32 (K, n), n ≤ `count`, each of variance 1 / n.

    Means and variances are over voxels. There is at least one column; it is 0 if all leaves look the same.

    Parameters
    ----------
    descriptors
        float32 (K, F).
    sizes
        int64 (K,); voxels of the leaves.
    count
        Components, at most.
    """
    shares = np.maximum(sizes, 1) / np.maximum(sizes, 1).sum()
    values = standardised(descriptors, shares)
    return np.asarray(values @ component_axes(values, shares, count), dtype=np.float32)


def component_axes(
    values: npt.NDArray[np.float64], shares: npt.NDArray[np.float64], count: int = WEIGHTS.components
) -> npt.NDArray[np.float64]:
    """Axes float64 (F, n) whose products with `values` are their components; see `descriptor_components`.

    Parameters
    ----------
    values
        float64 (K, F), standardised.
    shares
        float64 (K,); of the voxels, of sum 1.
    count
        Components, at most.
    """
    variances, directions = np.linalg.eigh((values * shares[:, None]).T @ values)
    chosen = np.argsort(-variances, kind="stable")[:count]
    chosen = chosen[variances[chosen] > LEAST_VARIANCE * max(variances.sum(), 1e-300)]
    if not len(chosen):
        return np.zeros((values.shape[1], 1))
    return np.asarray(directions[:, chosen] / np.sqrt(len(chosen) * variances[chosen]))


def standardised(descriptors: npt.NDArray[np.float32], shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Descriptors (K, F) of mean 0 and variance 1, leaves weighted by `shares` (K,); 0 where all are the same."""
    values = descriptors.astype(np.float64)
    means = shares @ values
    values -= means
    deviations = np.sqrt(shares @ np.square(values))
    differs = deviations > ROUNDING * np.abs(means)
    return np.asarray(values * (differs / np.where(differs, deviations, 1)))
