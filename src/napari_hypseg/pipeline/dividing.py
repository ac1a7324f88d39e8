"""From a trained model to leaves and their tree, wherever the arrays lie: in a project's folder or in memory."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.build import building_hierarchy
from napari_hypseg.hierarchy.contexts import counting_contexts
from napari_hypseg.hierarchy.linkage import CONTEXT_MAX_LEAVES
from napari_hypseg.hierarchy.metric import Metric, beside, spread
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.hierarchy.words import alike_words, words_of
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.pipeline.joining import joining
from napari_hypseg.pipeline.leaves import FACTORS_SHARE, Leaves, fitting, writing
from napari_hypseg.pipeline.metric import metric_of
from napari_hypseg.pipeline.region_points import region_points
from napari_hypseg.pipeline.rooting import rooting
from napari_hypseg.pipeline.workspace import Workspace
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from napari_hypseg.pipeline.retreat import Retreat
    from napari_hypseg.pipeline.visiting import Batch

Sizes: TypeAlias = npt.NDArray[np.int64]


def dividing(
    retreat: "Retreat", batches: Sequence["Batch"], workspace: Workspace, wanted: int, seed: int
) -> Job[Hierarchy]:
    """Write the leaf of every voxel and build the tree over the leaves.

    The volume itself is taken apart into small regions; those that touch and look alike to the model are joined; what
    looks alike in like surroundings is one leaf, anywhere. The same model and seed give the same leaves on the CPU.
    Yields `Progress` of the stages ``"regions"``, ``"encode"``, ``"touch"``, ``"merge"``, ``"cluster"``, ``"leaves"``,
    ``"context"`` and ``"tree"``, and a `Notice` if there are fewer leaves than wanted.

    Parameters
    ----------
    retreat, batches
        What to encode.
    workspace
        Where; its leaves are what remains.
    wanted
        Leaves, at most.
    seed
        Of the sample that the leaves are fitted to, and of where they start.
    """
    specimens = [encoder.specimen for encoder in retreat.encoders]
    manifold = retreat.encoders[0].model.manifold
    rooted = yield from rooting(retreat, workspace)
    regions = yield from region_points(retreat, batches, workspace, rooted)
    joined = yield from joining(regions, specimens, workspace.regions, rooted, wanted)
    regions = regions.joined(joined.numbers)
    leaves = yield from fitting(regions, joined, wanted, manifold, seed)
    if len(leaves.points) < wanted:
        yield Notice(f"There are {len(leaves.points)} leaves, not {wanted}: more would be too small or too much alike.")
    yield from writing(specimens, workspace, rooted, leaves.numbers[joined.numbers])
    sizes = np.zeros(len(leaves.points), dtype=np.int64)
    np.add.at(sizes, leaves.numbers, regions.sizes)
    return (yield from _tree(leaves, sizes, metric_of(manifold), specimens, workspace))


def _tree(
    leaves: Leaves, sizes: Sizes, metric: Metric, specimens: Sequence[Specimen], workspace: Workspace
) -> Job[Hierarchy]:
    """The tree by looks, factors and surroundings; of very many leaves by looks and factors alone."""
    points = leaves.points.numpy()
    contexts = None
    if len(points) <= CONTEXT_MAX_LEAVES:
        words = yield from words_of(points, sizes, metric)
        voxel_sizes = [specimen.volume.voxel_size for specimen in specimens]
        n_words = int(words.max()) + 1
        counted = yield from counting_contexts(workspace.leaves, words, n_words, voxel_sizes, len(points))
        contexts = alike_words(counted, points, sizes, words, metric)
    share = FACTORS_SHARE * spread(points, sizes, metric)
    placed = np.concatenate([points, share * leaves.factors], axis=1).astype(np.float32)
    tree = yield from building_hierarchy(placed, sizes, beside(metric, points.shape[1]), contexts=contexts)
    return replace(tree, points=points)
