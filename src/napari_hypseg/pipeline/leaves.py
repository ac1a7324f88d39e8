"""From regions to leaves: what looks alike to the model is one leaf, wherever it lies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.encoding.prototypes import assigning_job, kmeans_job
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.workspace import Workspace, tiles
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from napari_hypseg.pipeline.region_points import Regions
    from napari_hypseg.pipeline.rooting import Rooted

Numbers: TypeAlias = npt.NDArray[np.int64]
SAMPLE = 200_000
"""Voxels that the leaves are fitted to: enough for hundreds of leaves, small enough to hold."""


def fitting(regions: "Regions", wanted: int, manifold: Manifold, seed: int) -> Job[tuple[torch.Tensor, Numbers]]:
    """Leaves of joined regions: their points (k, d), and the leaf int64 (r,) of each region, 0 … k−1.

    No more leaves than are `wanted`, fewer where there are not as many regions that differ.
    """
    points = manifold.expmap0(torch.from_numpy(regions.tangents()))
    if len(points) <= wanted:
        return points, np.arange(len(points))
    total = int(regions.sizes.sum())
    drawn = np.random.default_rng(seed).choice(len(points), min(SAMPLE, total), p=regions.sizes / total)
    generator = torch.Generator().manual_seed(seed)
    sample = points[torch.from_numpy(drawn)]
    prototypes = (yield from kmeans_job(sample, min(wanted, len(sample)), manifold, generator)).points
    nearest, _ = yield from assigning_job(points, prototypes, manifold, Progress("cluster", 1, 1))
    used, leaves = torch.unique(nearest, return_inverse=True)
    return prototypes[used], leaves.numpy()


def writing(
    specimens: Sequence[Specimen], workspace: Workspace, rooted: Sequence["Rooted"], leaves: Numbers
) -> Job[None]:
    """Write the leaf, from `leaves` (n,), of the region that each voxel is in; yields `Progress` ``"leaves"``."""
    places = [(index, tile) for index, specimen in enumerate(specimens) for tile in tiles(specimen.region)]
    parts = np.split(leaves + 1, np.cumsum([found.count for found in rooted])[:-1])
    tables = [np.concatenate([[0], part]).astype(np.uint16) for part in parts]
    for done, (index, tile) in enumerate(places):
        yield Progress("leaves", done, len(places))
        ids = np.asarray(workspace.regions[index][tile.slices])
        workspace.leaves[index][tile.slices] = tables[index][ids]
