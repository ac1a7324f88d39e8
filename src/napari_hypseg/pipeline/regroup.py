"""Regrouping: the trees of a segmentation made anew over the same leaves, without the model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.hierarchy.trees import build_hierarchies
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.describe import describe
from napari_hypseg.pipeline.leaf_levels import write_leaf_levels
from napari_hypseg.project.latent_metric import latent_metric
from napari_hypseg.project.leaf_cells import stored_ids, stored_shapes
from napari_hypseg.project.project import Project
from napari_hypseg.project.tree_arrays import fingerprint_of
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.supervoxels.workspace import CHUNK
from napari_hypseg.volumes import LazyArray

if TYPE_CHECKING:
    import zarr


def regroup(project: Project) -> Job[str]:
    """Make the trees over the leaves of a project anew; returns the fingerprint of what is the segmentation then.

    Model and volumes are not read, unless descriptors are missing, for which the volumes are. A tree whose features an
    earlier version did not keep stays as it is. Kept levels and the structures stay with the regions they were made of
    (`carry_over` makes the structures again); if the trees are the same as before, nothing changes at all. Yields
    `Progress` of the stages ``"describe"``, ``"tree"``, ``"leaves"`` and ``"levels"``.

    Raises
    ------
    ProjectError
        If there is no segmentation, or its trees are those of another project.
    OutputError
        If the folder is full.
    """
    with project.access.job("grouping"):
        return (yield from _regroup(project))


def _regroup(project: Project) -> Job[str]:
    before = project.segmentation
    if before is None:
        raise ProjectError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    if before.carried_from:
        raise ProjectError(
            f"The trees of {project.path.name} are those of {before.carried_from}, so that regions mean the same in "
            "both; regroup that one and apply it again."
        )
    features = before.features
    if features.descriptors is None:
        features = replace(features, descriptors=(yield from describe(project)))
    metric = latent_metric(project.settings, before.record)
    built = yield from build_hierarchies(features, metric, len(project.records))
    kept = {name: tree for name, tree in before.hierarchies.items() if name not in built}
    trees = {**kept, **built}
    parts = trees[PARTS]
    trees = {name: tree if name == PARTS else replace(tree, first=parts) for name, tree in trees.items()}
    if fingerprint_of(trees) == before.fingerprint:
        return before.fingerprint
    store = project.store
    try:
        copies = store.start_segmentation(stored_shapes(before.leaves))
        yield from _copy(stored_ids(before.leaves), copies)
        if not before.from_filters:
            yield from write_leaf_levels(project, copies)
        return store.finish_segmentation(trees, before.record, features)
    except OSError as error:
        raise unwritable(project.path, error) from error
    finally:
        store.drop_segmentation()


def _copy(stored: Sequence[LazyArray], copies: "Sequence[zarr.Array[Any]]") -> Job[None]:
    """Copy the leaf ids, a layer of chunks at a time."""
    total, done = sum(leaves.shape[0] for leaves in stored), 0
    for leaves, copy in zip(stored, copies, strict=True):
        for z in range(0, leaves.shape[0], CHUNK):
            for y in range(0, leaves.shape[1], CHUNK):
                yield Progress("leaves", done + z, total)
                place = slice(z, z + CHUNK), slice(y, y + CHUNK)
                copy[place] = np.asarray(leaves[place])
        done += leaves.shape[0]
