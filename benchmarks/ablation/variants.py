"""What is varied, in one registry: each variant names the settings of the product's own functions that it changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from napari_hypseg.geometry.metric import EUCLIDEAN, Metric
from napari_hypseg.hierarchy.joined_features import joined_features
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.supervoxels.descriptor_components import descriptor_components
from napari_hypseg.supervoxels.feature_weights import WEIGHTS, FeatureWeights
from napari_hypseg.supervoxels.merging import VOXELS

Change = Callable[[LeafFeatures, Metric], tuple[LeafFeatures, Metric]]
"""What a tree is made of in place of the features of the leaves, and the metric of its points."""


def unchanged(features: LeafFeatures, metric: Metric) -> tuple[LeafFeatures, Metric]:
    """What the product makes its trees of."""
    return features, metric


def without_contexts(features: LeafFeatures, metric: Metric) -> tuple[LeafFeatures, Metric]:
    """Only what the leaves look like."""
    return replace(features, words=None, contexts=None), metric


def descriptors_as_points(features: LeafFeatures, metric: Metric) -> tuple[LeafFeatures, Metric]:
    """The components of the descriptors in place of the latent points."""
    assert features.descriptors is not None
    components = descriptor_components(features.descriptors, features.sizes, WEIGHTS.components)
    return replace(features, points=components), EUCLIDEAN


def descriptors_as_factors(features: LeafFeatures, metric: Metric) -> tuple[LeafFeatures, Metric]:
    """The components of the descriptors beside the factors, with the weight that they have elsewhere."""
    assert features.descriptors is not None
    assert features.factors is not None
    components = descriptor_components(features.descriptors, features.sizes, WEIGHTS.components)
    joined = np.concatenate([features.factors, WEIGHTS.descriptors / WEIGHTS.factors * components], axis=1)
    return replace(features, factors=joined.astype(np.float32)), metric


def factors_as_points(features: LeafFeatures, metric: Metric) -> tuple[LeafFeatures, Metric]:
    """The factors beside the points, with the weight that they have elsewhere."""
    assert features.factors is not None
    joined, product = joined_features(features.points, features.sizes, metric, features.factors, WEIGHTS.factors)
    return replace(features, points=joined), product


@dataclass(frozen=True)
class LeafChoice:
    """How leaves are made.

    Parameters
    ----------
    weights
        Of what counts beside points.
    times
        Leaves, as a multiple of those of the budget.
    voxels
        Of a supervoxel, on average.
    """

    weights: FeatureWeights = WEIGHTS
    times: int = 1
    voxels: int = VOXELS


@dataclass(frozen=True)
class TreeChoice:
    """How a tree is made.

    Parameters
    ----------
    name
        One of `TREES`.
    weights
        Of what counts beside points.
    change
        What it is made of.
    """

    name: str
    weights: FeatureWeights = WEIGHTS
    change: Change = unchanged


USUAL_LEAVES = LeafChoice()
PARTS_TREE, KINDS_TREE = TreeChoice(PARTS), TreeChoice(KINDS)
BOTH = (PARTS_TREE, KINDS_TREE)


@dataclass(frozen=True)
class Variant:
    """A row of a table.

    Parameters
    ----------
    name
        What is changed, in words.
    leaves
        How leaves are made.
    trees
        Which trees are offered, and how each is made.
    """

    name: str
    leaves: LeafChoice = USUAL_LEAVES
    trees: tuple[TreeChoice, ...] = BOTH


def weighted(name: str, weights: FeatureWeights) -> Variant:
    """Other weights in leaves and trees."""
    return Variant(name, LeafChoice(weights), (TreeChoice(PARTS, weights), TreeChoice(KINDS, weights)))


EVERYTHING = Variant("all of it")
NO_FACTORS, NO_DESCRIPTORS = replace(WEIGHTS, factors=0.0), replace(WEIGHTS, descriptors=0.0)
PLAIN_LEAVES = LeafChoice(NO_DESCRIPTORS)
WITHOUT = (
    EVERYTHING,
    Variant("the tree of parts alone", trees=(PARTS_TREE,)),
    Variant("the tree of kinds alone", trees=(KINDS_TREE,)),
    Variant("no descriptors in the leaves", PLAIN_LEAVES),
    Variant("no descriptors, one tree", PLAIN_LEAVES, (PARTS_TREE,)),
    Variant("no factors", LeafChoice(NO_FACTORS)),
    Variant("no factors in the tree of parts", trees=(TreeChoice(PARTS, NO_FACTORS), KINDS_TREE)),
    Variant("no context in the tree of parts", trees=(TreeChoice(PARTS, change=without_contexts), KINDS_TREE)),
    Variant(
        "the tree of kinds of descriptors without points",
        trees=(PARTS_TREE, TreeChoice(KINDS, NO_DESCRIPTORS, descriptors_as_points)),
    ),
    Variant("the tree of kinds of points without descriptors", trees=(PARTS_TREE, TreeChoice(KINDS, NO_DESCRIPTORS))),
)
"""The default, and the default with one of its parts left out."""
TRIED = (
    Variant("finer supervoxels, of 300 voxels", LeafChoice(voxels=300)),
    Variant("twice as many leaves", LeafChoice(times=2)),
    weighted("weight of the descriptors 0.35", replace(WEIGHTS, descriptors=0.35)),
    weighted("weight of the descriptors 0.7", replace(WEIGHTS, descriptors=0.7)),
    weighted("twelve components of the descriptors", replace(WEIGHTS, components=12)),
    Variant("factors in the tree of kinds, too", trees=(PARTS_TREE, TreeChoice(KINDS, change=factors_as_points))),
    Variant(
        "descriptors in the tree of parts, too", trees=(TreeChoice(PARTS, change=descriptors_as_factors), KINDS_TREE)
    ),
)
"""Settings that could have been others."""
VARIANTS = {one.name: one for one in (*WITHOUT, *TRIED)}
