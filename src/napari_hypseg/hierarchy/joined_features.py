"""Points on a manifold and flat features side by side, in the product of the two spaces."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.metric import Metric, product_metric, root_mean_square_distance

Floats = npt.NDArray[np.float32]


def joined_features(
    points: Floats, sizes: npt.NDArray[np.int64], metric: Metric, others: Floats, weight: float
) -> tuple[Floats, Metric]:
    """Points and other features float32 (K, d + f), and the metric of the product space.

    Parameters
    ----------
    points, sizes, metric
        (K, d) leaves on the manifold of `metric`, and voxels (K,) of each.
    others
        (K, f), whose variances sum up to 1.
    weight
        Standard deviation of the others, relative to that of the points.
    """
    scale = weight * root_mean_square_distance(points, sizes, metric)
    return np.concatenate([points, scale * others], axis=1, dtype=np.float32), product_metric(metric, points.shape[1])
