"""From regions to leaves: what looks alike to the model and is next to the like is one leaf, wherever it lies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.encoding.prototypes import assigning_job, kmeans_job
from napari_hypseg.geometry.euclidean import Euclidean
from napari_hypseg.geometry.manifold import Manifold
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
FLAT = Euclidean()


def fitting(
    regions: "Regions", joined: "Joined", wanted: int, manifold: Manifold, seed: int
) -> Job[tuple[torch.Tensor, Numbers]]:
    """Leaves of joined regions: their points (k, d), and the leaf int64 (r,) of each region, 0 … k−1.

    No more leaves than are `wanted`, fewer where there are not as many regions that differ. Where regions are more,
    they are grouped by their mean tangent vectors together with those of what they touch: a bright spot in a
    mitochondrion is not one in the cytosol. The point of a leaf says what it looks like by itself.

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
        return manifold.expmap0(torch.from_numpy(tangents)), np.arange(len(tangents))
    features = torch.from_numpy(np.concatenate([tangents, _next_to(tangents, joined)], axis=1))
    total = int(regions.sizes.sum())
    drawn = np.random.default_rng(seed).choice(len(features), min(SAMPLE, total), p=regions.sizes / total)
    generator = torch.Generator().manual_seed(seed)
    sample = features[torch.from_numpy(drawn)]
    prototypes = (yield from kmeans_job(sample, min(wanted, len(sample)), FLAT, generator)).points
    nearest, _ = yield from assigning_job(features, prototypes, FLAT, Progress("cluster", 1, 1))
    used, leaves = torch.unique(nearest, return_inverse=True)
    return manifold.expmap0(prototypes[used][:, : tangents.shape[1]]), leaves.numpy()


def _next_to(tangents: npt.NDArray[np.float32], joined: "Joined") -> npt.NDArray[np.float32]:
    """Mean (r, d) of the `tangents` (r, d) of the regions that each touches, by faces; its own if it touches none."""
    ends = joined.pairs.T
    faces = np.concatenate([joined.contacts, joined.contacts])
    here, there = np.concatenate([ends[0], ends[1]]), np.concatenate([ends[1], ends[0]])
    total = np.bincount(here, weights=faces, minlength=len(tangents))
    sums = [np.bincount(here, weights=faces * column[there], minlength=len(tangents)) for column in tangents.T]
    alone = total == 0
    means = np.stack(sums, axis=1) / np.where(alone, 1, total)[:, None]
    means[alone] = tangents[alone]
    return means.astype(np.float32)


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
