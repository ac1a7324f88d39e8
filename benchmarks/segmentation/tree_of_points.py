"""From points to leaves and tree as the product does it, the one place where the benchmarks know how.

Learned points and features of baselines go the same way, so that a comparison is one of points alone.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from torch import Tensor

from benchmarks.segmentation.precomputed import field_of
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.dividing import dividing
from napari_hypseg.pipeline.retreat import Retreat
from napari_hypseg.pipeline.visiting import batches_of
from napari_hypseg.pipeline.workspace import Workspace
from napari_hypseg.volumes.specimen import Specimen

Ids: TypeAlias = npt.NDArray[np.uint16]


def segmented(
    points: Tensor, manifold: Manifold, specimen: Specimen, leaves: int, seed: int
) -> Job[tuple[Ids, Hierarchy]]:
    """Leaf ids (z, y, x), 0 where nothing counts, and the tree over them.

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
    encoders = [field_of(points, manifold, specimen)]
    batches = yield from batches_of(encoders)
    shape = specimen.volume.shape
    regions, edges, ids = (np.zeros(shape, dtype) for dtype in (np.uint32, np.float16, np.uint16))
    tree = yield from dividing(Retreat(encoders), batches, Workspace([regions], [edges], [ids]), leaves, seed)
    return ids, tree
