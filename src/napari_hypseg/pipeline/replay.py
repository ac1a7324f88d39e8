"""The edits of one project done again on another one: of the same specimens, or with the same leaves in others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array, csr_array

from napari_hypseg.errors import InputError, ProjectError, SettingError
from napari_hypseg.io.streaming import iterate_slabs
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.project.project import Project
from napari_hypseg.project.project_structures import ProjectStructures
from napari_hypseg.project.records import Segmentation
from napari_hypseg.structures.edits import DivideStructure, MarkJunk, PaintVoxels
from napari_hypseg.structures.replay import LeafTranslation, made_ids, translated
from napari_hypseg.volumes import LazyArray


@dataclass(frozen=True)
class Replayed:
    """What was done.

    Parameters
    ----------
    done
        Words for the edits that were done.
    left_out
        Words for those that were not, each with the reason.
    structures, carried
        How many structures there were, and how many of them are there again.
    kept
        Share of the voxels of their leaves that belong to the same structure again.
    ids
        Of the structures that are there again, by those that they had.
    """

    done: tuple[str, ...]
    left_out: tuple[str, ...]
    structures: int = 0
    carried: int = 0
    kept: float = 1.0
    ids: Mapping[int, int] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """What became of the structures, in words without an end."""
        some = str(self.carried) if self.carried == self.structures else f"{self.carried} of {self.structures}"
        what = "structure" if self.structures == 1 else "structures"
        return f"{some} {what} carried over, {self.kept:.1%} of their voxels".replace("%", " %")


def replay(source: Project, target: Project) -> Job[Replayed]:
    """Do the edits of `source` that were not undone again on `target`, which is open for writing.

    Where the two have the same regions the edits are the same. Else sets of leaves are translated: a leaf of `target`
    is in a set if more than half of its voxels are. Yields `Progress` of the stage ``"read"``.

    Raises
    ------
    ProjectError
        If one has no regions yet, or `target` cannot be written.
    InputError
        If the two are of different grids.
    """
    if [record.shape for record in source.records] != [record.shape for record in target.records]:
        raise InputError(
            f"{source.path.name} and {target.path.name} are of volumes of different sizes; edits can be replayed "
            "on a project of the same specimens alone."
        )
    return (yield from _replay(_structures(source), _structures(target)))


def replay_on_same_leaves(source: Project, target: Project) -> Replayed:
    """Do the edits of `source` again on `target`, a project of other specimens whose leaves are the same ones.

    Painted voxels and junk are left out: they belong to the specimens of `source`.

    Raises
    ------
    ProjectError
        If one has no regions yet, or `target` cannot be written.
    """
    return _do_again(_structures(source), _structures(target), None, keep_voxels=False)


def carry_over(project: Project) -> Job[Replayed]:
    """Do the edits of regions that were superseded again on the present ones, once.

    Raises
    ------
    ProjectError
        If the project was opened for reading.
    """
    edited, project.superseded = project.superseded, None
    if edited is None or not edited.steps or project.structures is None or project.structures.steps:
        return Replayed((), ())
    return (yield from _replay(edited, project.structures))


def _replay(edited: ProjectStructures, onto: ProjectStructures) -> Job[Replayed]:
    translation = None
    if edited.segmentation.fingerprint != onto.segmentation.fingerprint:
        translation = yield from _translation(edited.segmentation, onto.segmentation)
    return _do_again(edited, onto, translation)


def _do_again(
    edited: ProjectStructures, onto: ProjectStructures, translation: LeafTranslation | None, keep_voxels: bool = True
) -> Replayed:
    ids: dict[int, int] = {}
    source_id, done, left_out = 1, list[str](), list[str]()
    for step in edited.steps:
        annotation = onto.annotation
        made = made_ids(step.edit, source_id)
        source_id += len(made)
        if not keep_voxels and isinstance(step.edit, PaintVoxels | DivideStructure | MarkJunk):
            left_out.append(f"{step.text} (it is about places in another volume)")
            continue
        try:
            edit = translated(step.edit, translation, ids, annotation)
            if edit is None:
                left_out.append(f"{step.text} (it is about regions or structures that are not there)")
                continue
            onto.do(edit)
        except SettingError as error:
            left_out.append(f"{step.text} ({str(error).rstrip('.')})")
            continue
        ids |= dict(zip(made, made_ids(edit, annotation.next_id), strict=True))
        done.append(step.text)
    before = edited.annotation.structures
    again = {one: ids[one] for one in before if ids.get(one) in onto.annotation.structures}
    kept = 1.0 if translation is None else _kept(edited, onto, translation, again)
    return Replayed(tuple(done), tuple(left_out), len(before), len(again), kept, again)


def _kept(
    edited: ProjectStructures, onto: ProjectStructures, translation: LeafTranslation, again: Mapping[int, int]
) -> float:
    """Share of the voxels of the leaves of structures that are in the same structure, by `again`, of the others."""
    before, now = edited.annotation.owners[1:], onto.annotation.owners[1:]
    owned = int(translation.own_sizes[before > 0].sum())
    same = sum(translation.shared_voxels(before == one, now == other) for one, other in again.items())
    return same / owned if owned else 1.0


def _structures(project: Project) -> ProjectStructures:
    if project.structures is None:
        raise ProjectError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    return project.structures


def _translation(source: Segmentation, target: Segmentation) -> Job[LeafTranslation]:
    shape = (source.hierarchy.n_leaves + 1, target.hierarchy.n_leaves + 1)
    shared = csr_array(shape, dtype=np.int64)
    planes, total = 0, sum(int(leaves.shape[0]) for leaves in source.leaves)
    for one, other in zip(source.leaves, target.leaves, strict=True):
        for start, slab in iterate_slabs(one, np.uint16):
            stop = start + len(slab)
            shared = shared + _pairs(slab, other, start, stop, shape)
            yield Progress("read", planes + stop, total)
        planes += one.shape[0]
    own, others = (np.asarray(shared.sum(axis=axis)).ravel()[1:] for axis in (1, 0))
    return LeafTranslation(csr_array(shared[1:, 1:]), own, others)


def _pairs(slab: np.ndarray, other: LazyArray, start: int, stop: int, shape: tuple[int, int]) -> csr_array:
    """How often each pair of leaf ids occurs in some planes."""
    keys = slab.astype(np.int64) * shape[1] + np.asarray(other[start:stop])
    found, counts = np.unique(keys, return_counts=True)
    return coo_array((counts, (found // shape[1], found % shape[1])), shape=shape).tocsr()
