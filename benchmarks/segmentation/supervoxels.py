"""Supervoxels and Ward's tree over them: what one does who knows classical image processing."""

import numpy as np

from benchmarks.segmentation.regions import LEVEL_OF, Regions
from napari_hypseg.geometry.manifold_metric import manifold_metric
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen

VOXELS = 125
"""Of a supervoxel, on average; this and what follows was the best of several on phantoms."""
COMPACTNESS = 0.1
"""Of SLIC, for grey values of standard deviation 1; higher makes supervoxels more like cubes."""
SIGMA = 1.0
"""Voxels: standard deviation of the Gaussian that goes before."""


def ward_over_supervoxels(specimen: Specimen) -> Job[Regions]:
    """Nested cuts of Ward's tree over the mean grey values of SLIC supervoxels of a volume without a mask."""
    from skimage.segmentation import slic

    yield Progress("cluster", 0, 1)
    grey = measure_intensity(specimen).standardise(specimen.volume.read(specimen.volume.box))
    count = max(2 * max(LEVEL_OF), grey[0].size // VOXELS)
    cells = slic(grey, n_segments=count, compactness=COMPACTNESS, sigma=SIGMA, channel_axis=0, start_label=0)
    _, cells = np.unique(cells, return_inverse=True)
    sizes = np.bincount(cells.ravel())
    sums = [np.bincount(cells.ravel(), weights=channel.ravel()) for channel in grey]
    means = (np.stack(sums, axis=1) / sizes[:, None]).astype(np.float32)
    tree = yield from build_hierarchy_job(means, sizes.astype(np.int64), manifold_metric(Euclidean()))
    ids = cells.reshape(grey.shape[1:]) + 1
    return {k: lookup(tree, cut_at(tree, k))[ids] for k in LEVEL_OF}
