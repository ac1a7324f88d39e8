"""From leaves on a manifold to their merge tree."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.hierarchy.chain import Merges, nearest_neighbour_chain
from napari_hypseg.hierarchy.linkage import DEFAULT_LINKAGE, Linkage, linkages
from napari_hypseg.hierarchy.metric import Metric
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job, quietly

Points = npt.NDArray[np.float32]
Sizes = npt.NDArray[np.int64]


def build_hierarchy(points: Points, sizes: Sizes, metric: Metric, linkage: str = DEFAULT_LINKAGE) -> Hierarchy:
    """Build the merge tree and wait for it; see `building_hierarchy`."""
    return quietly(building_hierarchy(points, sizes, metric, linkage))


def building_hierarchy(points: Points, sizes: Sizes, metric: Metric, linkage: str = DEFAULT_LINKAGE) -> Job[Hierarchy]:
    """Build the merge tree over K leaves, yielding ``Progress("tree", merges, K − 1)``.

    The same leaves give the same tree: ties go to the lower number. Leaves that coincide merge at altitude 0, leaves
    without voxels take their place like any other, and one leaf alone is a tree of one node.

    Parameters
    ----------
    points
        float32 (K, d); the leaves on the manifold of `metric`.
    sizes
        int64 (K,); voxels of each leaf, 0 allowed.
    metric
        Distances and means of the manifold.
    linkage
        A name in `linkages()`.

    Raises
    ------
    SettingError
        If there is no such linkage, or it cannot take so many leaves.
    InputError
        If a leaf does not lie on the manifold at all (NaN or infinite).
    """
    chosen = _linkage(linkage, len(points))
    leaves = np.ascontiguousarray(points, dtype=np.float32)
    n_lost = int((~np.isfinite(leaves)).any(axis=1).sum())
    if n_lost:
        raise InputError(
            f"{n_lost} of {len(leaves)} leaves have no place in the latent space (NaN or infinite); "
            "train again with a lower learning rate."
        )
    counted = np.asarray(sizes, dtype=np.int64)
    clusters = yield from chosen.start(leaves, counted, metric)
    merges = yield from nearest_neighbour_chain(clusters, len(leaves))
    heights = np.asarray(chosen.altitudes(merges.costs), dtype=np.float32)
    return _renumbered(merges, heights, counted, leaves)


def _linkage(name: str, n_leaves: int) -> Linkage:
    known = linkages()
    if name not in known:
        raise SettingError(f"There is no linkage {name!r}; choose one of {', '.join(known)}.")
    limit = known[name].max_leaves
    if not 1 <= n_leaves <= limit:
        raise SettingError(
            f"The linkage {name!r} takes 1 to {limit} leaves, not {n_leaves}; set another number of leaves."
        )
    return known[name]


def _renumbered(merges: Merges, heights: npt.NDArray[np.float32], sizes: Sizes, points: Points) -> Hierarchy:
    """The tree with its nodes in order of altitude, which never falls on the way up."""
    n = len(points)
    altitudes = np.concatenate([np.zeros(n, dtype=np.float32), _climbing(merges, heights, n)])
    # Stable: at equal altitudes leaves stay before merges, and children, found first, before their parents.
    order = np.argsort(altitudes, kind="stable")
    renamed = np.empty(len(order), dtype=np.int32)
    renamed[order] = np.arange(len(order), dtype=np.int32)
    parents = np.full(len(order), len(order) - 1, dtype=np.int32)
    parents[renamed[merges.pairs]] = renamed[n:, None]
    return Hierarchy(parents, altitudes[order], _summed(parents, sizes), points)


def _climbing(merges: Merges, heights: npt.NDArray[np.float32], n_leaves: int) -> npt.NDArray[np.float32]:
    altitudes = [0.0] * n_leaves
    for (first, second), height in zip(merges.pairs.tolist(), heights.tolist(), strict=True):
        altitudes.append(max(height, altitudes[first], altitudes[second]))
    return np.array(altitudes[n_leaves:], dtype=np.float32)


def _summed(parents: npt.NDArray[np.int32], sizes: Sizes) -> Sizes:
    sums = sizes.tolist() + [0] * (len(parents) - len(sizes))
    for node, parent in enumerate(parents[:-1].tolist()):
        sums[parent] += sums[node]
    return np.array(sums, dtype=np.int64)
