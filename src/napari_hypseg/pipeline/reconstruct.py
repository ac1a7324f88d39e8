"""The reconstruction of latent points and of the centres of regions.

Every node of the tree is decoded once and stored in the project; the view of any cut is then a table over leaves.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.fidelity import doubts
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.latent_views import RECONSTRUCTION, LatentViewFolder, read_back, region_view
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Level, Segmentation
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.volumes.volume import GreyValues, Volume

if TYPE_CHECKING:
    from napari_hypseg.geometry.manifolds.manifold import Manifold
    from napari_hypseg.inference.encoder import Encoder

Array = npt.NDArray[np.float32]

POINTS_AT_ONCE = 4096


def reconstruct(project: Project, what: Cut | Level | None = None, specimen: int = 0) -> Job[Volume]:
    """The regions of a cut, by default the slider's, each in the grey values that its centre decodes to.

    What the model takes for typical of a region, free of noise and texture, in the units of the specimen's grey values.
    A model that has learned too little gives a view that says so, in its name and its notes.

    Raises
    ------
    HypsegError
        If there are no regions, they are not those of the present model, or the method has no decoder.
    """
    project.specimen_record(specimen)
    what = what or project.cut()
    segmentation = _latest(project, what)
    cut = what.cut if isinstance(what, Level) else what
    if (kept := region_view(project, segmentation, cut, specimen)) is not None:
        return kept
    yield Progress("prepare", 0, 1)
    encoder = trained_encoders(project)[specimen]
    told = yield from doubts(encoder)
    centres = node_centres(segmentation.tree(cut.tree), encoder.model.manifold)
    values = yield from _decode_in_parts(encoder, centres)
    outside = encoder.intensity.mean.tolist()
    facts = {"segmentation": segmentation.fingerprint, "tree": cut.tree, "doubts": told}
    _keep_nodes(project, specimen, values, outside, **facts)
    return read_back(region_view(project, segmentation, cut, specimen))


def reconstruct_points(project: Project, points: Array, specimen: int = 0) -> Job[GreyValues]:
    """Grey values (n, c) of neighbourhoods that are one of the latent `points` (n, d) everywhere.

    In the units of the specimen's grey values. The points of the leaves are ``project.hierarchy.points``.

    Raises
    ------
    HypsegError
        If nothing was learned yet, the points are not those of this model, or the method has no decoder.
    """
    project.specimen_record(specimen)
    yield Progress("prepare", 0, 1)
    encoder = trained_encoders(project)[specimen]
    return (yield from _decode_in_parts(encoder, _checked(points, project)))


def node_centres(tree: Hierarchy, manifold: "Manifold") -> Array:
    """Centres (2K−1, d) of the nodes of a tree: the points of the leaves, and of a merge that of its two.

    Merges are weighted by voxels, and worked out together where neither lies below another.
    """
    from napari_hypseg.geometry.curvature_metric import curvature_metric

    centroid = curvature_metric(manifold.curvature).centroid
    first_merge, n = tree.n_leaves, len(tree.parents)
    heights = np.zeros(n, dtype=np.int64)
    for node in range(first_merge, n):
        heights[node] = 1 + heights[tree.children[node]].max()
    centres = np.zeros((n, tree.points.shape[1]), dtype=np.float32)
    centres[:first_merge] = tree.points
    for height in range(1, int(heights.max()) + 1):
        nodes = np.flatnonzero(heights == height)
        children = tree.children[nodes]
        centres[nodes] = centroid(centres[children], np.maximum(tree.sizes[children], 1))
    return centres


def _decode_in_parts(encoder: "Encoder", points: Array) -> Job[GreyValues]:
    """Grey values (n, c) of `points` (n, d), a few thousand at a time."""
    import torch

    from napari_hypseg.inference.decode_points import decode_points

    parts = []
    for start in range(0, len(points), POINTS_AT_ONCE):
        yield Progress("decode", start, len(points))
        part = torch.from_numpy(points[start : start + POINTS_AT_ONCE]).to(encoder.device)
        parts.append(encoder.intensity.restore(decode_points(encoder.model, part).T.cpu().numpy()).T)
    return np.concatenate(parts)


def _keep_nodes(project: Project, specimen: int, values: GreyValues, outside: Sequence[float], **facts: Any) -> None:
    folder = LatentViewFolder(project, RECONSTRUCTION, specimen)
    try:
        for array, channel in zip(folder.start(values.shape[:1], outside, values.dtype), values.T, strict=True):
            array[:] = channel
        folder.finish(outside, **facts)
    except OSError as error:
        raise unwritable(project.path, error) from error
    finally:
        folder.drop()


def _latest(project: Project, what: Cut | Level) -> Segmentation:
    """The segmentation of `what`, which has to be of the model that decodes it."""
    segmentation = project.segmentation
    if segmentation is None:
        raise ProjectError(f"{project.path.name} has no regions yet; train and segment it first.")
    if isinstance(what, Level) and what.segmentation != segmentation.fingerprint:
        raise ProjectError(f"The level {what.name} was kept from earlier regions, whose model is gone; choose another.")
    made_from = project.store.checkpoint_fingerprint()
    if segmentation.record.get("checkpoint", made_from) != made_from:
        raise ProjectError(f"The regions of {project.path.name} are older than what it learned last; make them again.")
    return segmentation


def _checked(points: Array, project: Project) -> Array:
    """Points (n, d) as float32, refused where they cannot be points of the model."""
    checked = np.asarray(points, dtype=np.float32)
    d = project.hierarchy.points.shape[1] if project.hierarchy else checked.shape[-1]
    if checked.ndim != 2 or checked.shape[1] != d or not np.isfinite(checked).all():
        raise SettingError(f"Latent points are rows of {d} finite numbers here; give an array of shape (n, {d}).")
    return checked
