"""The merge tree over leaves on a manifold."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.agglomeration.linkage import Leaves, Linkage, default_linkage, linkages
from napari_hypseg.hierarchy.agglomeration.nn_chain import Merges
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job, quietly

Points = npt.NDArray[np.float32]
Sizes = npt.NDArray[np.int64]
Contexts = npt.NDArray[np.float64]


def build_hierarchy(
    points: Points, sizes: Sizes, metric: Metric, linkage: str | None = None, contexts: Contexts | None = None
) -> Hierarchy:
    """Build the merge tree and wait for it; see `build_hierarchy_job`."""
    return quietly(build_hierarchy_job(points, sizes, metric, linkage, contexts))


def build_hierarchy_job(
    points: Points, sizes: Sizes, metric: Metric, linkage: str | None = None, contexts: Contexts | None = None
) -> Job[Hierarchy]:
    """Build the merge tree over K leaves, yielding ``Progress("tree", merges, K − 1)``.

    The same leaves give the same tree: ties go to the lower number. Leaves that coincide merge at altitude 0 unless
    contexts are used, leaves without voxels are part of the tree, and a single leaf is a tree of one node.

    Parameters
    ----------
    points
        float32 (K, d); the leaves on the manifold of `metric`.
    sizes
        int64 (K,); voxels of each leaf, 0 allowed.
    metric
        Distances and means of the manifold.
    linkage
        A name in `linkages()`; by default "context" where contexts are given and leaves are not too many, else "ward".
    contexts
        float64 (K, n), rows that sum to 1: the context of each leaf, as from `co_occurrence`. Without them
        "context" is "ward".

    Raises
    ------
    SettingError
        If there is no such linkage, or it cannot take so many leaves.
    InputError
        If a leaf does not lie on the manifold at all (NaN or infinite).
    """
    leaves = Leaves(np.ascontiguousarray(points, dtype=np.float32), np.asarray(sizes, dtype=np.int64), metric, contexts)
    chosen = _linkage(linkage or default_linkage(leaves), len(points))
    n_lost = int((~np.isfinite(leaves.points)).any(axis=1).sum())
    if n_lost:
        raise InputError(
            f"{n_lost} of {len(points)} leaves have no place in the latent space (NaN or infinite); "
            "train again with a lower learning rate."
        )
    return _renumbered((yield from chosen.merging(leaves)), leaves)


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


def _renumbered(merges: Merges, leaves: Leaves) -> Hierarchy:
    """The tree with its nodes in order of altitude, which never falls on the way up."""
    n = len(leaves.points)
    altitudes = np.concatenate([np.zeros(n, dtype=np.float32), _monotone_altitudes(merges, n)])
    # Stable: at equal altitudes leaves stay before merges, and children, found first, before their parents.
    order = np.argsort(altitudes, kind="stable")
    renamed = np.empty(len(order), dtype=np.int32)
    renamed[order] = np.arange(len(order), dtype=np.int32)
    parents = np.full(len(order), len(order) - 1, dtype=np.int32)
    parents[renamed[merges.pairs]] = renamed[n:, None]
    return Hierarchy(parents, altitudes[order], _node_sizes(parents, leaves.sizes), leaves.points)


def _monotone_altitudes(merges: Merges, n_leaves: int) -> npt.NDArray[np.float32]:
    altitudes = [0.0] * n_leaves
    for (first, second), height in zip(merges.pairs.tolist(), merges.heights.tolist(), strict=True):
        altitudes.append(max(height, altitudes[first], altitudes[second]))
    return np.array(altitudes[n_leaves:], dtype=np.float32)


def _node_sizes(parents: npt.NDArray[np.int32], sizes: Sizes) -> Sizes:
    sums = sizes.tolist() + [0] * (len(parents) - len(sizes))
    for node, parent in enumerate(parents[:-1].tolist()):
        sums[parent] += sums[node]
    return np.array(sums, dtype=np.int64)
