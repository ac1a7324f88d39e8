"""What is selected, in one line for a person."""

from napari_hypseg._qt.model import WindowModel


def status_line(model: WindowModel) -> str:
    """What is selected, in one line: how far up the tree it stands and how much it is."""
    tree, structures = model.tree, model.structures
    if tree is None or structures is None:
        return ""
    sample = max(int(tree.sizes[tree.root]), 1)
    if model.suggestion is not None:
        voxels = int(tree.sizes[: tree.n_leaves][model.suggestion].sum())
        return f"{int(model.suggestion.sum())} leaves more like this, {_grouped(voxels)} voxels: Enter adds them"
    if model.selection is not None:
        voxels = int(tree.sizes[: tree.n_leaves][model.selection.leaves(model.trees)].sum())
        return model.selection.describe(model.trees, voxels / sample, f"{_grouped(voxels)} voxels")
    if model.active is not None:
        voxels = structures.sizes[model.active.id]
        return f"{model.active.name}: {_grouped(voxels)} voxels, {voxels / sample:.1%} of the sample"
    return ""


def _grouped(number: int) -> str:
    """A number with its thousands apart."""
    return f"{number:,}".replace(",", " ")
