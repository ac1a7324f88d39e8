"""The trees over some leaves with the voxels of other volumes: their nodes stay the same, only the sizes change."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.tree import PARTS, Hierarchy

Sizes = npt.NDArray[np.int64]


def recounted(hierarchies: Mapping[str, Hierarchy], sizes: Sizes) -> dict[str, Hierarchy]:
    """The same trees, by name, over leaves that have so many voxels, int64 (K,), 0 allowed."""
    parts = _recounted(hierarchies[PARTS], sizes)
    others = {name: tree for name, tree in hierarchies.items() if name != PARTS}
    return {PARTS: parts} | {name: replace(_recounted(tree, sizes), first=parts) for name, tree in others.items()}


def _recounted(tree: Hierarchy, sizes: Sizes) -> Hierarchy:
    of_nodes = np.concatenate([sizes, np.zeros(tree.root + 1 - len(sizes), dtype=np.int64)])
    for node, parent in enumerate(tree.parents[:-1].tolist()):  # children have lower numbers than their parents
        of_nodes[parent] += of_nodes[node]
    return replace(tree, sizes=of_nodes)
