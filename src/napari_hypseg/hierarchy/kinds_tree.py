"""The tree of kinds: leaves that look alike at several widths merge first, wherever they lie."""

from dataclasses import replace

from napari_hypseg.geometry.metric import EUCLIDEAN, Metric
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.descriptor_components import descriptor_components
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job


def kinds_tree(features: LeafFeatures, metric: Metric) -> Job[Hierarchy]:
    """Ward's tree over the whitened principal components of the descriptors.

    Parameters
    ----------
    features
        Of the leaves, with descriptors.
    metric
        Of the points, which are not used.
    """
    assert features.descriptors is not None
    components = descriptor_components(features.descriptors, features.sizes)
    tree = yield from build_hierarchy_job(components, features.sizes, EUCLIDEAN, "ward")
    return replace(tree, points=features.points)
