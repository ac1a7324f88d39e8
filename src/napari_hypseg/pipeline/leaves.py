"""From regions to leaves: regions that touch and look alike are joined, and what is alike anywhere is one leaf."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.encoding.merging import merging_job
from napari_hypseg.encoding.prototypes import assigning_job, kmeans_job
from napari_hypseg.encoding.regions import followed_axes
from napari_hypseg.encoding.touching import touching
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.workspace import Workspace, tiles
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from napari_hypseg.pipeline.region_points import Regions

Numbers: TypeAlias = npt.NDArray[np.int64]
VOXELS = 600
"""Voxels of a region after joining, on average."""
REGIONS_PER_LEAF = 4
"""Regions that are left for each leaf, where there are so many."""
SAMPLE = 200_000
"""Voxels that the leaves are fitted to: enough for hundreds of leaves, small enough to hold."""


def joining(
    regions: "Regions", specimens: Sequence[Specimen], workspace: Workspace, counts: Sequence[int], wanted: int
) -> Job[Numbers]:
    """Which of the joined regions each region (n,) is a part of, 0 … r−1.

    Parameters
    ----------
    regions
        Of all specimens.
    specimens, workspace, counts
        Whose regions they are, and how many each specimen has.
    wanted
        Leaves.
    """
    target = max(int(regions.sizes.sum()) // VOXELS, REGIONS_PER_LEAF * wanted)
    if target >= len(regions.sizes):
        return np.arange(len(regions.sizes))
    pairs, contacts = [], []
    first = 0
    for specimen, ids, count in zip(specimens, workspace.regions, counts, strict=True):
        found, areas = yield from touching(ids, followed_axes(specimen.volume.voxel_size))
        pairs.append(found + first)
        contacts.append(areas)
        first += count
    every, area = np.concatenate(pairs), np.concatenate(contacts)
    return (yield from merging_job(regions.tangents(), regions.sizes, every, area, target))


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


def writing(specimens: Sequence[Specimen], workspace: Workspace, counts: Sequence[int], leaves: Numbers) -> Job[None]:
    """Write the leaf, from `leaves` (n,), of the region that each voxel is in; yields `Progress` ``"leaves"``."""
    places = [(index, tile) for index, specimen in enumerate(specimens) for tile in tiles(specimen.region)]
    ends = np.cumsum(counts)
    tables = [
        np.concatenate([[0], leaves[end - n : end] + 1]).astype(np.uint16) for end, n in zip(ends, counts, strict=True)
    ]
    for done, (index, tile) in enumerate(places):
        yield Progress("leaves", done, len(places))
        ids = np.asarray(workspace.regions[index][tile.slices])
        workspace.leaves[index][tile.slices] = tables[index][ids]
