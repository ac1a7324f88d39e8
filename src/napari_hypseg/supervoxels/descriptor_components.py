"""Whitened principal components of descriptors: a few coordinates of equal variance in place of many alike."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.supervoxels.feature_weights import WEIGHTS

LEAST_VARIANCE = 1e-6
"""Share of the variance below which a component is rounding."""


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
    values = descriptors.astype(np.float64)
    values -= shares @ values
    deviations = np.sqrt(shares @ np.square(values))
    values /= np.where(deviations > 0, deviations, 1)
    variances, directions = np.linalg.eigh((values * shares[:, None]).T @ values)
    chosen = np.argsort(-variances, kind="stable")[:count]
    chosen = chosen[variances[chosen] > LEAST_VARIANCE * max(variances.sum(), 1e-300)]
    if not len(chosen):
        return np.zeros((len(values), 1), dtype=np.float32)
    return np.asarray(values @ directions[:, chosen] / np.sqrt(len(chosen) * variances[chosen]), dtype=np.float32)
