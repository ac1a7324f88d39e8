"""How much a leaf weighs where clusters are merged by mass."""

import numpy as np
import numpy.typing as npt

# A cost is mass times difference. With voxel counts as they are, a rare structure costs next to nothing to swallow;
# with their square root it takes a hundred times the voxels to weigh ten times as much.
SIZE_EXPONENT = 0.5


def leaf_weights(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 (K,) with mean 1 of the voxels (K,) of each leaf."""
    # An empty leaf weighs as much as one voxel, or it would join anything at no cost.
    weights = np.maximum(sizes, 1).astype(np.float64) ** SIZE_EXPONENT
    return np.asarray((weights / weights.mean()).astype(np.float32))
