import json
import re

import numpy as np

from napari_hypseg.hierarchy.tree_text import newick, tree_json


def parsed(text):
    """Height of the root and the leaf sets of all nodes of a Newick text, read by a few lines of our own."""
    sets, stack, depth = [], [], {}
    for token in re.findall(r"\(|\)|\d+(?=:)|:[\d.e+-]+|,|;", text):
        if token == "(":
            stack.append([])
        elif token == ")":
            members = stack.pop()
            sets.append(frozenset(members))
            (stack[-1] if stack else []).extend(members)
            last = members
        elif token.startswith(":"):
            for leaf in last:
                depth[leaf] = depth.get(leaf, 0) + float(token[1:])
        elif token not in ",;":
            last = [int(token)]
            stack[-1].extend(last)
    return sets, depth


def test_newick_holds_the_groups_of_the_tree_and_their_heights(make_tree):
    tree = make_tree(3, 40, "ward")
    sets, depth = parsed(newick(tree))
    expected = [frozenset((tree.leaves_of(node) + 1).tolist()) for node in range(40, tree.root + 1)]
    assert set(sets) == set(expected)
    np.testing.assert_allclose([depth[leaf] for leaf in range(1, 41)], tree.altitudes[tree.root], rtol=1e-3)


def test_json_holds_the_arrays(make_tree):
    tree = make_tree(3, 40, "ward")
    record = json.loads(tree_json(tree))
    assert record["parents"] == tree.parents.tolist()
    assert record["sizes"] == tree.sizes.tolist()
    np.testing.assert_allclose(record["altitudes"], tree.altitudes, atol=1e-6)
