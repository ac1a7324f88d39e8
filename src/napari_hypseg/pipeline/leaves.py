"""From regions to leaves: what looks alike to the model, in like surroundings, is one leaf, wherever it lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.encoding.factors import factors_job
from napari_hypseg.encoding.prototypes import assigning_job, kmeans_job
from napari_hypseg.geometry.euclidean import Euclidean
from napari_hypseg.geometry.manifold import Manifold
from napari_hypseg.hierarchy.metric import EUCLIDEAN, spread
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.workspace import Workspace, tiles
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from napari_hypseg.pipeline.joining import Joined
    from napari_hypseg.pipeline.region_points import Regions
    from napari_hypseg.pipeline.rooting import Rooted

Numbers: TypeAlias = npt.NDArray[np.int64]
SAMPLE = 200_000
"""Voxels that the leaves are fitted to: enough for hundreds of leaves, small enough to hold."""
FACTORS_SHARE = 0.7
"""Standard deviation of factors, relative to that of looks."""
FLAT = Euclidean()


@dataclass(frozen=True, eq=False)
class Leaves:
    """What looks alike in like surroundings.

    Parameters
    ----------
    points
        float32 (k, d); on the manifold.
    factors
        float32 (k, f), as from `factors_job`; f is 0 where every region is a leaf, whose surroundings the tree counts
        one by one.
    numbers
        int64 (r,); the leaf of each region, 0 … k−1.
    """

    points: torch.Tensor
    factors: npt.NDArray[np.float32]
    numbers: Numbers


def fitting(regions: "Regions", joined: "Joined", wanted: int, manifold: Manifold, seed: int) -> Job[Leaves]:
    """Leaves of joined regions, no more than are `wanted`, fewer where there are not as many regions that differ.

    Where regions are more, they are grouped by k-means of their mean tangent vectors beside their factors: what
    is bright in a tumour is not one leaf with what is bright elsewhere.

    Parameters
    ----------
    regions, joined
        After joining (r), and which of them touch.
    wanted
        Leaves, at most.
    manifold
        Where the points lie.
    seed
        Of the sample that the leaves are fitted to, and of where they start.
    """
    tangents = regions.tangents()
    if len(tangents) <= wanted:
        nothing = np.empty((len(tangents), 0), dtype=np.float32)
        return Leaves(manifold.expmap0(torch.from_numpy(tangents)), nothing, np.arange(len(tangents)))
    factors = yield from factors_job(tangents, regions.sizes, joined.specimens, joined.pairs, joined.contacts)
    share = FACTORS_SHARE * spread(tangents, regions.sizes, EUCLIDEAN) or 1.0
    features = torch.from_numpy(np.concatenate([tangents, share * factors], axis=1))
    total = int(regions.sizes.sum())
    drawn = np.random.default_rng(seed).choice(len(features), min(SAMPLE, total), p=regions.sizes / total)
    generator = torch.Generator().manual_seed(seed)
    sample = features[torch.from_numpy(drawn)]
    prototypes = (yield from kmeans_job(sample, min(wanted, len(sample)), FLAT, generator)).points
    nearest, _ = yield from assigning_job(features, prototypes, FLAT, Progress("cluster", 1, 1))
    used, leaves = torch.unique(nearest, return_inverse=True)
    looks, told = prototypes[used].split([tangents.shape[1], factors.shape[1]], dim=1)
    return Leaves(manifold.expmap0(looks), told.numpy() / share, leaves.numpy())


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
