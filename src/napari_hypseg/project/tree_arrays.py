"""The arrays of a segmentation beside its leaf ids: its trees, and what they were made of."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.leaf_features import MOST_SAMPLED, LeafFeatures, check_values
from napari_hypseg.hierarchy.tree import KINDS, PARTS, Hierarchy
from napari_hypseg.storage.array_folder import ArrayFolder
from napari_hypseg.storage.reading import reading
from napari_hypseg.supervoxels.leaf_space import LeafSpace

DESCRIPTORS, FEATURES = "descriptors.zarr", "features.zarr"
"""Arrays of a segmentation that are no part of its trees; earlier versions did not write them."""
FEATURE_PATHS: Mapping[str, str] = MappingProxyType(
    {"descriptors": DESCRIPTORS}
    | {name: f"{FEATURES}/{name}" for name in ("factors", "words", "contexts", "supervoxels")}
)
"""Where fields of `LeafFeatures` are kept that are in no tree."""
SPACE_PATHS: Mapping[str, str] = MappingProxyType(
    {name: f"{FEATURES}/space_{name}" for name in ("axes", "centroids", "distances")}
)
"""Where the fields of a `LeafSpace` are kept."""
TREE_ARRAYS = ("parents", "altitudes", "sizes", "points")
OTHER_TREE_ARRAYS = TREE_ARRAYS[:-1]
"""All trees share the points of the first."""
TREE_FOLDERS: Mapping[str, str] = MappingProxyType({PARTS: "tree.zarr", KINDS: "kinds.zarr"})
"""Where a segmentation keeps its trees; earlier versions wrote the first alone."""


def tree_arrays(hierarchies: Mapping[str, Hierarchy]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of trees by their path in a segmentation."""
    return {
        f"{TREE_FOLDERS[tree]}/{name}": getattr(hierarchies[tree], name)
        for tree in TREE_FOLDERS
        if tree in hierarchies
        for name in (TREE_ARRAYS if tree == PARTS else OTHER_TREE_ARRAYS)
    }


def feature_arrays(features: LeafFeatures | None) -> dict[str, npt.NDArray[Any]]:
    """Features that are known and no part of a tree by their path in a segmentation."""
    found = {path: getattr(features, name, None) for name, path in FEATURE_PATHS.items()}
    space = features.space if features else None
    found |= {path: getattr(space, name, None) for name, path in SPACE_PATHS.items()}
    return {path: values for path, values in found.items() if values is not None}


def read_hierarchies(folder: ArrayFolder, advice: str) -> tuple[dict[str, Hierarchy], tuple[str, ...]]:
    """The trees of a segmentation, by name, and sentences about those besides the tree of parts that are damaged.

    Parameters
    ----------
    folder
        Of the segmentation.
    advice
        What to do about damage: the end of a sentence.

    Raises
    ------
    ProjectError
        If the tree of parts is damaged.
    """
    parts = _read_tree(folder, TREE_FOLDERS[PARTS], None)
    trees, damage = {PARTS: parts}, list[str]()
    for name, path in TREE_FOLDERS.items():
        if name == PARTS or f"{path}/{TREE_ARRAYS[0]}" not in folder.names:
            continue
        try:
            with reading(folder.path / path, f"the tree of {name}", advice, ProjectError):
                tree = _read_tree(folder, path, parts.points)
                if not np.array_equal(tree.sizes[: tree.n_leaves], parts.sizes[: parts.n_leaves]):
                    raise ValueError("it is one over other leaves")
        except ProjectError as error:
            damage.append(str(error))
        else:
            trees[name] = replace(tree, name=name, first=parts)
    return trees, tuple(damage)


def read_descriptors(folder: ArrayFolder, n_leaves: int) -> npt.NDArray[np.float32] | None:
    """Descriptors float32 (K, F) of the K leaves of a segmentation, None if an earlier version wrote it.

    Raises
    ------
    ValueError
        If they do not fit.
    """
    if DESCRIPTORS not in folder.names:
        return None
    descriptors = _of_leaves(folder, DESCRIPTORS, n_leaves)
    check_values("descriptors", descriptors, n_leaves)
    return descriptors


def read_features(folder: ArrayFolder, tree: Hierarchy) -> LeafFeatures:
    """What the trees of a segmentation, of which `tree` is one, were made of, as far as it was kept.

    Raises
    ------
    ValueError
        If arrays do not belong together.
    """
    paths = {name: path for name, path in FEATURE_PATHS.items() if path in folder.names}
    sample = paths.pop("supervoxels", None)
    arrays = {name: _of_leaves(folder, path, tree.n_leaves) for name, path in paths.items()}
    if sample is not None:
        arrays["supervoxels"] = _sampled(folder, sample)
    features = LeafFeatures.of(tree, **arrays, space=_read_space(folder))
    features.check()
    return features


def _read_space(folder: ArrayFolder) -> LeafSpace | None:
    """The space of the leaves; None if an earlier version made the segmentation."""
    if not all(path in folder.names for path in SPACE_PATHS.values()):
        return None
    return LeafSpace(**{name: np.asarray(folder.array(path)[...]) for name, path in SPACE_PATHS.items()})


def fingerprint_of(hierarchies: Mapping[str, Hierarchy]) -> str:
    """Short hash of trees; of the tree of parts alone as in earlier versions."""
    digest = hashlib.sha256()
    for values in tree_arrays(hierarchies).values():
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:16]


def _read_tree(folder: ArrayFolder, name: str, points: npt.NDArray[np.float32] | None) -> Hierarchy:
    """The tree in `name`, over leaves at `points` or those it keeps itself."""
    arrays = {one: folder.array(f"{name}/{one}")[...] for one in (TREE_ARRAYS if points is None else OTHER_TREE_ARRAYS)}
    tree = Hierarchy(**arrays) if points is None else Hierarchy(**arrays, points=points)
    tree.check()
    return tree


def _sampled(folder: ArrayFolder, path: str) -> npt.NDArray[Any]:
    """The rows of a sample, none of which is read if there are too many."""
    stored = folder.array(path)
    if not 1 <= stored.shape[0] <= MOST_SAMPLED:
        raise ValueError(f"{path} does not hold 1 to {MOST_SAMPLED} supervoxels")
    return np.asarray(stored[...])


def _of_leaves(folder: ArrayFolder, path: str, n_leaves: int) -> npt.NDArray[Any]:
    """The rows of `n_leaves` leaves, none of which is read if there are others."""
    stored = folder.array(path)
    if stored.shape[:1] != (n_leaves,):
        raise ValueError(f"{path} does not hold {n_leaves} leaves")
    return np.asarray(stored[...])
