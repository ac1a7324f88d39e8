"""The tree of kinds: leaves that look alike, in detail and at several widths, merge first, wherever they lie."""

from dataclasses import replace

from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.joined_features import joined_features
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job
from napari_hypseg.supervoxels.descriptor_components import descriptor_components
from napari_hypseg.supervoxels.feature_weights import WEIGHTS, FeatureWeights


def kinds_tree(features: LeafFeatures, metric: Metric, weights: FeatureWeights = WEIGHTS) -> Job[Hierarchy]:
    """Ward's tree over the points and the principal components of the descriptors, without any context.

    Parameters
    ----------
    features
        Of the leaves, with descriptors.
    metric
        Of the points.
    weights
        Of the descriptors beside the points.
    """
    assert features.descriptors is not None
    components = descriptor_components(features.descriptors, features.sizes, weights.components)
    joined, product = joined_features(features.points, features.sizes, metric, components, weights.descriptors)
    tree = yield from build_hierarchy_job(joined, features.sizes, product, "ward")
    return replace(tree, points=features.points)
