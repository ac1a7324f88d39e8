"""What trees over leaves of several specimens are made of: features in which the specimens can be compared."""

from dataclasses import replace

import numpy as np

from napari_hypseg.geometry.metric import EUCLIDEAN, Metric
from napari_hypseg.hierarchy.leaf_features import LeafFeatures


def comparable_features(features: LeafFeatures, metric: Metric, n_specimens: int) -> tuple[LeafFeatures, Metric]:
    """Features for trees over leaves of `n_specimens`, and the metric of their points.

    Latent points differ between specimens as their grey values do, so that trees made of them keep the specimens apart
    and a structure is another node in each. Those of several specimens are made of where the leaves lie in their
    `LeafSpace`, which holds factors and descriptors as well; these do not count again. Features of one specimen, or of
    a version that kept no such space, stay as they are.

    Parameters
    ----------
    features
        Of the leaves.
    metric
        Of their points.
    n_specimens
        That the leaves are of.
    """
    if n_specimens == 1 or features.space is None:
        return features, metric
    nothing = np.zeros((len(features.sizes), 1), dtype=np.float32)
    compared = replace(
        features,
        points=features.space.centroids,
        factors=None if features.factors is None else nothing,
        descriptors=None if features.descriptors is None else nothing,
    )
    return compared, EUCLIDEAN
