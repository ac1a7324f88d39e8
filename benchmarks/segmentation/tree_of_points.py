"""From points to leaves and tree as the product does it, the one place where the benchmarks know how.

Learned points and features of baselines go the same way, so that a comparison is one of points alone.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.inference.precomputed_encoder import PrecomputedEncoder
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.build_segmentation import build_segmentation
from napari_hypseg.supervoxels.workspace import workspace_in_memory
from napari_hypseg.volumes.specimen import Specimen

Ids: TypeAlias = npt.NDArray[np.uint16]
Segmented: TypeAlias = tuple[Ids, dict[str, Hierarchy]]
"""Leaf ids (z, y, x) and the trees over the leaves, by name."""


def segmented(points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int) -> Job[Segmented]:
    """Leaf ids (z, y, x), 0 where nothing counts, and the trees over them by name.

    Parameters
    ----------
    points
        (z, y, x, d) on `manifold`, one for each voxel of the specimen's grid, on the CPU; float32, or float16 where
        they are too many.
    manifold
        Where the points lie.
    specimen
        What they are points of: its volume says which voxels belong together. Points of voxels that do not count are
        never looked at.
    leaves
        Of the tree; fewer where not as many regions differ.
    seed
        Of the sample that the leaves are fitted to, and of where they start.

    Raises
    ------
    InputError
        If the volume is the same everywhere.
    """
    encoders = [PrecomputedEncoder.of(points, manifold, specimen)]
    batches = yield from make_batches(encoders)
    workspace = workspace_in_memory(encoders)
    built = yield from build_segmentation(MemoryFallback(encoders), batches, workspace, leaves, seed)
    return np.asarray(workspace.leaves[0]), dict(built.hierarchies)
