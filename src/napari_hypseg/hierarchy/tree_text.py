"""The tree as text that other programs read: Newick (phylogenetics, dendrogram viewers) and JSON.

Leaves are called by their value in the leaf-id volume, from 1.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from napari_hypseg.hierarchy.tree import Hierarchy


def newick(tree: Hierarchy) -> str:
    """The tree in Newick format; a branch is as long as its node lies below its parent, in altitude."""
    texts = [""] * len(tree.parents)
    parents, altitudes = tree.parents.tolist(), tree.altitudes.tolist()
    children = tree.children.tolist()
    for node in range(len(parents)):  # children come before their parents
        name = str(node + 1) if node < tree.n_leaves else f"({','.join(texts[child] for child in children[node])})"
        texts[node] = name if node == tree.root else f"{name}:{altitudes[parents[node]] - altitudes[node]:.6g}"
        for child in children[node] if node >= tree.n_leaves else ():
            texts[child] = ""  # what is inside another text is not kept twice
    return f"{texts[tree.root]};\n"


def tree_json(tree: Hierarchy) -> str:
    """The arrays of the tree as one JSON object, with what they mean."""
    record = {
        "format": "napari-hypseg-tree",
        "n_leaves": tree.n_leaves,
        "about": "Nodes 0 to n_leaves - 1 are leaves, leaf i has the value i + 1 in the leaf-id volume; the last is "
        "the root, its own parent. Sizes are in voxels.",
        "parents": tree.parents.tolist(),
        "altitudes": [round(altitude, 6) for altitude in tree.altitudes.tolist()],
        "sizes": tree.sizes.tolist(),
    }
    return f"{json.dumps(record)}\n"


TREE_FORMATS: Mapping[str, Callable[[Hierarchy], str]] = MappingProxyType(
    {".json": tree_json, ".nwk": newick, ".newick": newick}
)
"""What writes the tree, by the ending of the file."""
