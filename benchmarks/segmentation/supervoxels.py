"""Supervoxels and Ward's tree over them: what one does who knows classical image processing."""

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.segmentation.regions import LEVEL_OF, Regions
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_of_points import Segmented
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen

VOXELS = 125
"""Of a supervoxel, on average; this and what follows was the best of several on phantoms."""
COMPACTNESS = 0.1
"""Of SLIC, for grey values of standard deviation 1; higher makes supervoxels more like cubes."""
SIGMA = 1.0
"""Voxels: standard deviation of the Gaussian that goes before."""
MOST = 20_000
"""Supervoxels; those of large volumes are larger, as the time of Ward's tree grows with the square of their number."""


def ward_over_supervoxels(specimen: Specimen) -> Job[Regions]:
    """Nested cuts of Ward's tree over the mean grey values of SLIC supervoxels of a volume without a mask."""
    yield Progress("cluster", 0, 1)
    grey, cells = _supervoxels(specimen, 2 * max(LEVEL_OF))
    tree = yield from _ward(grey, cells)
    return {k: lookup(tree, cut_at(tree, k))[cells] for k in LEVEL_OF}


def supervoxel_tree(specimen: Specimen, run_budget: RunBudget, seed: int) -> Job[Segmented]:
    """Leaves, which are a cut of that tree, and the tree above them; nothing depends on the seed."""
    yield Progress("cluster", 0, 1)
    grey, cells = _supervoxels(specimen, run_budget.leaves)
    fine = yield from _ward(grey, cells)
    ids = lookup(fine, cut_at(fine, min(run_budget.leaves, fine.n_leaves)))[cells]
    return ids, {PARTS: (yield from _ward(grey, ids))}


def _supervoxels(specimen: Specimen, at_least: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Grey values (c, z, y, x) and the number from 1 of each voxel's supervoxel (z, y, x), 0 where nothing counts."""
    from skimage.segmentation import slic

    inside = specimen.inside(specimen.volume.box)
    grey = measure_intensity(specimen).standardise(specimen.volume.read(specimen.volume.box)) * inside
    count = max(at_least, min(MOST, inside.size // VOXELS))
    found = slic(grey, n_segments=count, compactness=COMPACTNESS, sigma=SIGMA, channel_axis=0, start_label=0)
    cells = np.zeros(inside.shape, np.int64)
    cells[inside] = 1 + np.unique(found[inside], return_inverse=True)[1]
    return grey, cells


def _ward(grey: npt.NDArray[np.float32], cells: npt.NDArray[np.integer[Any]]) -> Job[Hierarchy]:
    """Ward's tree over the means of regions that are numbered from 1, all of which occur."""
    sizes = np.bincount(cells.ravel())[1:]
    sums = [np.bincount(cells.ravel(), weights=channel.ravel())[1:] for channel in grey]
    means = (np.stack(sums, axis=1) / sizes[:, None]).astype(np.float32)
    return (yield from build_hierarchy_job(means, sizes.astype(np.int64), EUCLIDEAN))
