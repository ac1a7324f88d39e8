"""From a trained model to leaves and their tree, wherever the arrays lie: in a project's folder or in memory."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.hierarchy.build import building_hierarchy
from napari_hypseg.hierarchy.contexts import counting_contexts
from napari_hypseg.hierarchy.linkage import CONTEXT_MAX_LEAVES
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.hierarchy.words import alike_words, words_of
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.pipeline.joining import joining
from napari_hypseg.pipeline.leaves import fitting, writing
from napari_hypseg.pipeline.metric import metric_of
from napari_hypseg.pipeline.region_points import region_points
from napari_hypseg.pipeline.rooting import rooting
from napari_hypseg.pipeline.workspace import Workspace
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from napari_hypseg.pipeline.retreat import Retreat
    from napari_hypseg.pipeline.visiting import Batch


def dividing(
    retreat: "Retreat", batches: Sequence["Batch"], workspace: Workspace, wanted: int, seed: int
) -> Job[Hierarchy]:
    """Write the leaf of every voxel and build the tree over the leaves.

    The volume itself is taken apart into small regions; those that touch and look alike to the model are joined; what
    looks alike and is next to the like is one leaf, anywhere. The same model and seed give the same leaves on the CPU.
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
    points, leaves = yield from fitting(regions, joined, wanted, manifold, seed)
    if len(points) < wanted:
        yield Notice(f"There are {len(points)} leaves, not {wanted}: more would be too small or too much alike.")
    yield from writing(specimens, workspace, rooted, leaves[joined.numbers])
    sizes = np.zeros(len(points), dtype=np.int64)
    np.add.at(sizes, leaves, regions.sizes)
    return (yield from _tree(points.numpy(), sizes, manifold, specimens, workspace))


def _tree(
    points: npt.NDArray[np.float32], sizes: npt.NDArray[np.int64], manifold: Manifold, specimens: Sequence[Specimen],
    workspace: Workspace,
) -> Job[Hierarchy]:  # fmt: skip
    """The tree by looks and surroundings; of very many leaves by looks alone."""
    metric = metric_of(manifold)
    contexts = None
    if len(points) <= CONTEXT_MAX_LEAVES:
        words = yield from words_of(points, sizes, metric)
        voxel_sizes = [specimen.volume.voxel_size for specimen in specimens]
        n_words = int(words.max()) + 1
        counted = yield from counting_contexts(workspace.leaves, words, n_words, voxel_sizes, len(points))
        contexts = alike_words(counted, points, sizes, words, metric)
    return (yield from building_hierarchy(points, sizes, metric, contexts=contexts))
