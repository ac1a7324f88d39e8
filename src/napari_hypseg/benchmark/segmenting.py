"""From points to leaves and tree as the product does it, the one place where the benchmarks know how.

Learned points and features of baselines go the same way, so that a comparison is one of points alone.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.encoding.prototypes import assigning_job, kmeans_job
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.hierarchy.build import building_hierarchy
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.metric import metric_of
from napari_hypseg.pipeline.visiting import SAMPLE
from napari_hypseg.volumes.specimen import Specimen

Ids: TypeAlias = npt.NDArray[np.uint16]
AT_ONCE = 1 << 20
"""Points that are put in leaves together."""


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
        What they are points of; those of voxels that do not count are never looked at.
    leaves
        Of the tree.
    seed
        Of the sample that the leaves are fitted to, and of where they start.

    Raises
    ------
    SettingError
        If fewer voxels count than there are to be leaves.
    """
    counted = specimen.inside(specimen.volume.box)
    flat, places = points.flatten(0, 2), torch.from_numpy(np.flatnonzero(counted))
    generator = torch.Generator().manual_seed(seed)
    sample = flat[places[torch.randperm(len(places), generator=generator)[:SAMPLE]]].float()
    prototypes = (yield from kmeans_job(sample, leaves, manifold, generator)).points
    nearest = yield from _nearest(flat, places, prototypes, manifold)
    sizes = torch.bincount(nearest, minlength=leaves).numpy()
    tree = yield from building_hierarchy(prototypes.numpy(), sizes, metric_of(manifold))
    ids = np.zeros(counted.shape, dtype=np.uint16)
    ids[counted] = nearest.numpy() + 1
    return ids, tree


def _nearest(flat: Tensor, places: Tensor, prototypes: Tensor, manifold: Manifold) -> Job[Tensor]:
    """Index int64 (n,) of the prototype nearest to each of the points at `places` (n,); no second copy of all."""
    parts, found = places.split(AT_ONCE), []
    for number, part in enumerate(parts):
        progress = Progress("assign", number, len(parts))
        found.append((yield from assigning_job(flat[part].float(), prototypes, manifold, progress))[0])
    return torch.cat(found)
