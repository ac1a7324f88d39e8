"""Applying: what was learned and named in one project is carried to a new volume of the same kind.

The new project has the model, the leaves, the trees and the named structures of the other one; only which voxel is of
which leaf is found anew. So a leaf, a node and a structure mean the same in both.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.recounting import recounted
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.apply_origin import ORIGIN, ApplyOrigin
from napari_hypseg.pipeline.learned_space import learned_space
from napari_hypseg.pipeline.replay import Replayed, replay_on_same_leaves
from napari_hypseg.pipeline.segment import segment_by
from napari_hypseg.project.doubtful_regions import KEY, DoubtfulRegion
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Segmentation
from napari_hypseg.structures.carried_structures import CarriedState
from napari_hypseg.structures.leaf_places import leaf_places
from napari_hypseg.volumes.intensity import measure_intensity

if TYPE_CHECKING:
    from napari_hypseg.inference.batches import Batch
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.inference.point_source import PointSource
    from napari_hypseg.pipeline.build_segmentation import BuiltSegmentation
    from napari_hypseg.pipeline.build_supervoxels import BuiltSupervoxels
    from napari_hypseg.supervoxels.leaf_space import LeafSpace
    from napari_hypseg.supervoxels.workspace import Workspace

LISTED = 50
"""Doubtful regions that are listed, at most."""


def apply(source: Project, target: Project) -> Job[Replayed]:
    """Segment the volume of `target`, a new project of one specimen, with what `source` has learned and named.

    `check_named` and `as_learned` come first. Yields `Progress` of the stages of segmenting.

    Raises
    ------
    ProjectError
        If `source` has no regions or no model, or was made by a version that did not keep what is needed.
    OutputError
        If the folder is full.
    """
    segmentation = named_segmentation(source)
    origin = ApplyOrigin.of(source, segmentation.fingerprint, target)
    space = yield from learned_space(source)
    with target.access.job("applying"):
        _carry_model(source, target)
        origin.write(target, source.training)
        yield from segment_by(target, _builder(segmentation, target, space, source.path.name))
    target.reload()
    if target.structures is not None:  # a project that was replaced may have had the same leaves, and edits of them
        target.structures.go_to(0)
    replayed = replay_on_same_leaves(source, target)
    for level in source.levels:
        if level.segmentation == origin.segmentation:
            target.keep_level(level.name, level.cut)
    target.set_regions(source.n_regions)
    target.save()
    if source.structures is not None and target.structures is not None:
        state = CarriedState.of(source.structures.annotation, target.structures.annotation, replayed.ids)
        origin.with_state(state).write(target, source.training)
    return replayed


def named_segmentation(source: Project) -> Segmentation:
    """The segmentation of a project that is to be applied.

    Raises
    ------
    ProjectError
        If there is none.
    """
    if source.segmentation is None or source.segmentation.from_filters:
        nothing = f"{source.path.name} has learned no regions yet; segment it and name structures in it first."
        raise ProjectError(" ".join(source.damage) or nothing)
    return source.segmentation


def _carry_model(source: Project, target: Project) -> None:
    """Give `target` the weights of `source`, with the grey-value statistics of its own volume."""
    from napari_hypseg.training.checkpoint import GreyStatistics, load_checkpoint, save_checkpoint

    if not source.has_checkpoint:
        raise ProjectError(f"{source.path.name} has no trained model any more; learn again to apply it.")
    intensities = [measure_intensity(specimen) for specimen in target.specimens]
    checkpoint = replace(
        load_checkpoint(source.store.checkpoint_file),
        project=target.store.identity,
        fingerprints=tuple(specimen.fingerprint for specimen in target.specimens),
        statistics=tuple(GreyStatistics(tuple(i.mean.tolist()), tuple(i.std.tolist())) for i in intensities),
    )
    save_checkpoint(target.store.checkpoint_file, checkpoint)


def _builder(segmentation: Segmentation, target: Project, space: "LeafSpace", name: str) -> Any:
    """What finds the leaf of each supervoxel of `target`, and takes the trees as they are."""
    from napari_hypseg.pipeline.build_segmentation import BuiltSegmentation
    from napari_hypseg.pipeline.build_supervoxels import build_supervoxels
    from napari_hypseg.supervoxels.leaf_space import nearest_leaves
    from napari_hypseg.supervoxels.leaves import write_leaves

    n_leaves = segmentation.hierarchy.n_leaves
    learned = segmentation.hierarchy.sizes[:n_leaves]

    def build(
        fallback: "MemoryFallback[PointSource]", batches: "Sequence[Batch]", workspace: "Workspace"
    ) -> Job["BuiltSegmentation"]:
        built = yield from build_supervoxels(fallback, batches, workspace, target.settings.leaves.leaves)
        tangents, sizes = built.features.mean_tangents(), built.features.sizes
        nearest = yield from nearest_leaves(space, learned, tangents, built.descriptors, sizes, built.merged)
        yield from write_leaves(fallback, workspace, built.basins, built.merged.numbers.mapped(nearest.numbers))
        doubtful = yield from _write_certainty(target, fallback, workspace, built, nearest.certainties)
        of_leaves = np.bincount(nearest.numbers, sizes, n_leaves).astype(np.int64)
        record = {
            ORIGIN: {"name": name, "segmentation": segmentation.fingerprint},
            "certainty": float(sizes @ nearest.certainties / max(1, sizes.sum())),
            KEY: [one.as_json() for one in doubtful],
        }
        trees = recounted(segmentation.hierarchies, of_leaves)
        return BuiltSegmentation(trees, _features(segmentation, of_leaves), record)

    return build


def _features(segmentation: Segmentation, sizes: Any) -> LeafFeatures:
    """What is known of the leaves, which lie where they did, with the voxels of the new volume."""
    return replace(segmentation.features, sizes=sizes)


def _write_certainty(
    target: Project,
    fallback: "MemoryFallback[PointSource]",
    workspace: "Workspace",
    built: "BuiltSupervoxels",
    certainties: Any,
) -> Job[list[DoubtfulRegion]]:
    """Write how near every voxel is to its leaf; returns the largest regions that are far from it."""
    from napari_hypseg.supervoxels.certainty import doubtful_groups, write_certainty
    from napari_hypseg.supervoxels.relabelled_ids import relabelled_basins

    specimens, merged = [source.specimen for source in fallback.sources], built.merged
    arrays = target.store.add_certainty([record.shape for record in target.records])
    yield from write_certainty(specimens, workspace, built.basins, merged.numbers, certainties, arrays)
    groups = doubtful_groups(certainties, built.features.sizes, merged.edges, LISTED)
    if not len(groups.sizes):
        return []
    ids = relabelled_basins(workspace.basins, built.basins, merged.numbers.mapped(groups.numbers))
    places = yield from leaf_places(ids, len(groups.sizes) + 1)
    found = zip(places[1:].tolist(), groups.sizes.tolist(), groups.certainties.tolist(), strict=True)
    return [DoubtfulRegion((z, y, x), voxels, certainty) for (_, z, y, x), voxels, certainty in found]
