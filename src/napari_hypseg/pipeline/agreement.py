"""Counting how a label volume agrees with the leaves of a project: one pass over the voxels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.hierarchy.class_limits import ClassLimit, class_limit
from napari_hypseg.hierarchy.contingency import contingency_job
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.project.project import Project
from napari_hypseg.structures.agreement import AgreementCounts
from napari_hypseg.structures.painted_overlap import PaintedOverlap
from napari_hypseg.volumes.volume import LazyArray


@dataclass(frozen=True, eq=False)
class Foreground:
    """1 where an array (z, y, x) is above 0, else 0."""

    array: LazyArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid (z, y, x)."""
        return tuple(self.array.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a voxel."""
        return np.dtype(np.uint8)

    def __getitem__(self, index: Any, /) -> npt.NDArray[np.uint8]:
        return np.asarray(np.asarray(self.array[index]) > 0, dtype=np.uint8)


def agreement_job(
    project: Project, labels: LazyArray, specimen: int = 0, name: str = "The labels", labelled_only: bool = False
) -> Job[AgreementCounts]:
    """Count the classes of `labels` (z, y, x), which lie on the specimen's grid, yielding ``Progress("score", …)``.

    Parameters
    ----------
    name
        What to call the labels in an error.
    labelled_only
        Leave out voxels of label 0, which nobody has labelled.

    Raises
    ------
    InputError
        If grids differ or `labels` hold no labels.
    ProjectError
        If there is no segmentation yet.
    """
    if project.hierarchy is None:
        raise ProjectError(f"{project.path.name} has no segmentation yet; train and segment it first.")
    leaves, n_leaves = project.leaves[specimen], project.hierarchy.n_leaves
    table = yield from contingency_job(leaves, labels, n_leaves, name=name)
    if labelled_only:
        table = table.without(0)
    if not table.classes.size:
        raise InputError(f"{name} holds no label above 0; paint some, or count unlabelled voxels too.")
    painted = PaintedOverlap(leaves, labels, table.classes, specimen)
    limits = list[ClassLimit]()
    for number, label in enumerate(table.classes.tolist()):
        limits.append(class_limit(table, project.hierarchies, label))
        yield Progress(Stage.SCORE, number + 1, len(table.classes))
    return AgreementCounts(table, tuple(limits), painted)
