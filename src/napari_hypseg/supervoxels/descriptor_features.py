"""Features of regions without a model: their descriptors, standardised, in the place of mean latent points."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.descriptor_components import standardised
from napari_hypseg.supervoxels.descriptor_layout import RESPONSES
from napari_hypseg.supervoxels.features import SupervoxelFeatures
from napari_hypseg.volumes.volume import LazyArray

WEIGHTS = (1.0, 0.5, 0.5)
"""Standard deviations of local mean, deviation and gradient magnitude, each after it was standardised."""
PLANES = 16
"""Planes of ids that are counted at once."""


def descriptor_features(descriptors: npt.NDArray[np.float32], sizes: npt.NDArray[np.int64]) -> SupervoxelFeatures:
    """Features of n regions in flat space.

    Parameters
    ----------
    descriptors
        float32 (n, F); see `region_descriptors`.
    sizes
        int64 (n,); voxels of the regions.
    """
    weights = sizes.astype(np.float32)
    return SupervoxelFeatures(standardised_descriptors(descriptors, sizes) * weights[:, None], weights, sizes)


def standardised_descriptors(
    descriptors: npt.NDArray[np.float32], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Descriptors float32 (n, F) of mean 0 over all voxels and the standard deviations of `WEIGHTS`.

    A descriptor that is the same everywhere is 0.
    """
    values = standardised(descriptors, sizes / max(1, int(sizes.sum())))
    return np.asarray(values * np.tile(WEIGHTS, values.shape[1] // RESPONSES), dtype=np.float32)


def region_sizes(
    ids: Sequence[LazyArray], n_regions: int, weights: Sequence[npt.NDArray[np.int64]] | None = None
) -> Job[npt.NDArray[np.int64]]:
    """Voxels int64 (n,) of each region; yields `Progress` of the stage ``"describe"``.

    Parameters
    ----------
    ids
        Region ids (z, y, x) of each specimen; 0 outside, region i as i + 1 in all specimens.
    n_regions
        Number of regions n.
    weights
        How much each voxel (z, y, x) counts, 1 by default.
    """
    sizes = np.zeros(n_regions + 1)
    for number, array in enumerate(ids):
        for z in range(0, array.shape[0], PLANES):
            yield Progress("describe", 1, 1)
            weight = None if weights is None else weights[number][z : z + PLANES].ravel()
            sizes += np.bincount(np.asarray(array[z : z + PLANES]).ravel(), weight, minlength=n_regions + 1)
    return sizes[1:].astype(np.int64)
