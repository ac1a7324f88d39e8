"""The tree of parts: leaves with similar features in similar surroundings merge first, so that parts join wholes."""

from dataclasses import replace

import numpy as np

from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.context.context_vocabulary import smooth_contexts
from napari_hypseg.hierarchy.joined_features import joined_features
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job
from napari_hypseg.supervoxels.feature_weights import WEIGHTS, FeatureWeights


def parts_tree(features: LeafFeatures, metric: Metric, weights: FeatureWeights = WEIGHTS) -> Job[Hierarchy]:
    """The tree by points, factors and contexts; without contexts by points and factors alone.

    Parameters
    ----------
    features
        Of the leaves, with factors.
    metric
        Of the points.
    weights
        Of the factors beside the points.
    """
    points, sizes, factors, contexts = features.points, features.sizes, features.factors, None
    assert factors is not None
    if features.contexts is not None and features.words is not None:
        counted, words = features.contexts.astype(np.float64), features.words.astype(np.int64)
        contexts = smooth_contexts(counted, points, sizes, words, metric)
    joined, product = joined_features(points, sizes, metric, factors, weights.factors)
    tree = yield from build_hierarchy_job(joined, sizes, product, contexts=contexts)
    return replace(tree, points=points)
