"""From latent points to leaves and their hierarchies, wherever the arrays are: in a project's folder or in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.agglomeration.linkage import CONTEXT_MAX_LEAVES
from napari_hypseg.hierarchy.comparable_features import comparable_features
from napari_hypseg.hierarchy.context.co_occurrence import co_occurrence
from napari_hypseg.hierarchy.context.context_vocabulary import MAX_WORDS, SHARED_WORDS, context_vocabulary
from napari_hypseg.hierarchy.leaf_features import MOST_SAMPLED, LeafFeatures
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.hierarchy.trees import build_hierarchies
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.pipeline.build_supervoxels import BuiltSupervoxels, build_supervoxels
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.supervoxels.class_leaves import DividedLeaves, divide_by_class
from napari_hypseg.supervoxels.feature_weights import WEIGHTS, FeatureWeights
from napari_hypseg.supervoxels.leaf_space import LeafSpace, supervoxel_space
from napari_hypseg.supervoxels.leaves import SAMPLE, group_into_leaves, supervoxel_sample, write_leaves
from napari_hypseg.supervoxels.merged_descriptors import merged_descriptors
from napari_hypseg.supervoxels.workspace import Workspace

if TYPE_CHECKING:
    from napari_hypseg.geometry.manifolds.manifold import Manifold
    from napari_hypseg.inference.batches import Batch
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource, SpecimenSource

Sizes: TypeAlias = npt.NDArray[np.int64]

NAMED = "named"
"""What records call the leaves of known classes, as ranges by the name of the class."""


@dataclass(frozen=True, eq=False)
class BuiltSegmentation:
    """What was made beside the leaf ids of the workspace.

    Parameters
    ----------
    hierarchies
        The trees over the K leaves, by name; see `build_hierarchies`.
    features
        What the trees were made of.
    record
        What else is to be known of how it was made, as plain values.
    """

    hierarchies: Mapping[str, Hierarchy]
    features: LeafFeatures
    record: Mapping[str, Any] = field(default_factory=dict)


def build_segmentation(
    fallback: "MemoryFallback[PointSource]",
    batches: "Sequence[Batch]",
    workspace: Workspace,
    wanted: int,
    seed: int,
    classes: Sequence[str] = (),
) -> Job[BuiltSegmentation]:
    """Write the leaf of every voxel, describe the leaves and build the hierarchies over the leaves.

    The grey values are divided into watershed basins; adjacent basins with similar latent points are merged into
    supervoxels; supervoxels with similar features and similar neighbourhoods are grouped into one leaf. The same
    points and seed give the same leaves on the CPU. Yields `Progress` of the stages ``"regions"``, ``"encode"``,
    ``"touch"``, ``"merge"``, ``"describe"``, ``"cluster"``, ``"leaves"``, ``"context"`` and ``"tree"``, and a `Notice`
    if there are fewer leaves than wanted.

    Parameters
    ----------
    fallback, batches
        The point sources and what to encode.
    workspace
        Where; its leaves are the result.
    wanted
        Leaves, at most.
    seed
        Of the sample that the leaves are fitted to, and of the initial centroids.
    classes
        Names of the classes that the points tell, see `Method.classes`. No leaf lies in two of them then, and there
        may be more leaves than wanted.
    """
    supervoxels = yield from build_supervoxels(fallback, batches, workspace, wanted)
    manifold = fallback.sources[0].manifold
    divide = partial(divide_by_class, fallback, batches, workspace) if classes else None
    features = yield from group_supervoxels(supervoxels, fallback, manifold, workspace, wanted, seed, divide=divide)
    record = {NAMED: named_leaves(features.points, classes)} if classes else {}
    trees = yield from build_hierarchies(features, curvature_metric(manifold.curvature), len(fallback.sources))
    return BuiltSegmentation(trees, features, record)


def named_leaves(points: npt.NDArray[np.float32], classes: Sequence[str]) -> dict[str, str]:
    """The leaves of each class that has any, as ranges: that of the largest coordinate of their points (K, d)."""
    of_leaf = np.square(points).argmax(axis=1)
    ranges = {name: to_ranges(np.flatnonzero(of_leaf == number)) for number, name in enumerate(classes, start=1)}
    return {name: leaves for name, leaves in ranges.items() if leaves}


def group_supervoxels(
    supervoxels: BuiltSupervoxels,
    fallback: "MemoryFallback[SpecimenSource]",
    manifold: "Manifold",
    workspace: Workspace,
    wanted: int,
    seed: int,
    weights: FeatureWeights = WEIGHTS,
    most: int = SAMPLE,
    divide: Callable[[], Job[DividedLeaves]] | None = None,
) -> Job[LeafFeatures]:
    """Group supervoxels into leaves, write these and return all that trees over them are made of.

    Yields `Progress` of the stages ``"cluster"``, ``"leaves"``, ``"context"`` and ``"tree"``, and a `Notice` if there
    are fewer leaves than wanted.

    Parameters
    ----------
    supervoxels, fallback, manifold
        What is grouped, of which specimens, and where its points lie.
    workspace
        Its basins are read, its leaves written.
    wanted, seed
        As in `build_segmentation`.
    weights
        Of what counts beside points.
    most
        Supervoxels that leaves are fitted to, at most.
    divide
        What divides leaves that were written, where the points tell classes.
    """
    features, merged = supervoxels.features, supervoxels.merged
    descriptors = supervoxels.descriptors
    leaves = yield from group_into_leaves(features, descriptors, merged, wanted, manifold, seed, weights, most)
    if len(leaves.points) < wanted:
        yield Notice(f"There are {len(leaves.points)} leaves, not {wanted}: more would be too small or too much alike.")
    yield from write_leaves(fallback, workspace, supervoxels.basins, merged.numbers.mapped(leaves.numbers))
    sizes = np.zeros(len(leaves.points), dtype=np.int64)
    np.add.at(sizes, leaves.numbers, features.sizes)
    described = features.mean_tangents(), descriptors, features.sizes
    space: LeafSpace | None = yield from supervoxel_space(*described, merged, leaves.numbers)
    descriptors = merged_descriptors(descriptors, features.sizes, leaves.numbers)
    if divide is not None:
        parts = yield from divide()
        of, sizes = parts.origins, parts.sizes
        leaves = replace(leaves, points=parts.points, factors=leaves.factors[of])
        # Supervoxels say nothing of what tells the parts apart; the points do, in every specimen.
        descriptors, space = descriptors[of], None
    metric = curvature_metric(manifold.curvature)
    found = LeafFeatures(leaves.points.numpy(), sizes, descriptors, leaves.factors, space=space)
    if len(features) > len(leaves.points):
        found = replace(found, supervoxels=supervoxel_sample(features, MOST_SAMPLED, manifold, seed))
    return (yield from _with_contexts(found, metric, fallback, workspace))


def _with_contexts(
    features: LeafFeatures, metric: Metric, fallback: "MemoryFallback[SpecimenSource]", workspace: Workspace
) -> Job[LeafFeatures]:
    """The features with what surrounds the leaves, unless there are more than `CONTEXT_MAX_LEAVES` of them."""
    sizes, specimens = features.sizes, len(fallback.sources)
    if len(sizes) > CONTEXT_MAX_LEAVES:
        return features
    compared, its_metric = comparable_features(features, metric, specimens)
    most = MAX_WORDS if specimens == 1 else SHARED_WORDS
    words = yield from context_vocabulary(compared.points, sizes, its_metric, most)
    counted = yield from co_occurrence(fallback, workspace.leaves, words, int(words.max()) + 1, len(sizes))
    return replace(features, words=words.astype(np.uint16), contexts=counted.astype(np.float32))
