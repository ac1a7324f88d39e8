"""How well what is shown, regions and structures, agrees with the classes of a label volume.

All of it follows from one table of leaves and classes, so that a move of the slider or an edit costs a product of small
matrices and no voxel is looked at; only what was painted is counted again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from napari_hypseg.hierarchy.class_limits import ClassLimit
from napari_hypseg.hierarchy.class_matching import NO_REGION, match_classes
from napari_hypseg.hierarchy.contingency import Contingency
from napari_hypseg.hierarchy.cuts import Cut, lookup_of_nodes, region_nodes
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.painted_overlap import PaintedOverlap, PaintedVoxels
from napari_hypseg.structures.painting import ERASED
from napari_hypseg.structures.structure import MAX_STRUCTURES

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ShownObject:
    """A region or a structure that is shown.

    Parameters
    ----------
    structure
        Id of the structure, None for a region.
    region
        Id of the region in the cut and its node, (0, -1) for a structure.
    whole
        Whether what lies inside the structure counts as part of it.
    """

    structure: int | None = None
    region: int = 0
    node: int = -1
    whole: bool = True


@dataclass(frozen=True)
class ClassAgreement:
    """One class: its label, its voxels, and the Dice of what was matched with it, None where nothing was."""

    label: int
    voxels: int
    dice: float
    matched: ShownObject | None


@dataclass(frozen=True)
class Agreement:
    """What is shown against all classes; `matched_dice` is the mean of their Dice, background included."""

    matched_dice: float
    classes: tuple[ClassAgreement, ...]


@dataclass(frozen=True, eq=False)
class AgreementCounts:
    """What was counted once for a label volume.

    Parameters
    ----------
    table
        Voxels shared by leaves and classes.
    limits
        What each class can reach, in the order of the table.
    painted
        Counts the classes of what is painted.
    """

    table: Contingency
    limits: tuple[ClassLimit, ...]
    painted: PaintedOverlap

    def agreement(self, hierarchy: Hierarchy, cut: Cut, annotation: Annotation) -> Agreement:
        """Match what is shown, a cut and the structures in it, one to one with the classes.

        A structure counts with all that lies inside it; where something does, what is left of it counts as well.
        """
        shown, shared = shown_overlap(self.table, hierarchy, cut, annotation, self.painted.count(annotation.painting))
        sizes = self.table.class_sizes
        found = match_classes(shared, sizes)
        objects = [None if row == NO_REGION else shown[row] for row in found.regions.tolist()]
        rows = zip(self.table.classes.tolist(), sizes.tolist(), found.dice.tolist(), objects, strict=True)
        return Agreement(float(found.dice.mean()), tuple(ClassAgreement(*row) for row in rows))


def shown_overlap(
    table: Contingency, hierarchy: Hierarchy, cut: Cut, annotation: Annotation, painted: PaintedVoxels
) -> tuple[list[ShownObject], Ints]:
    """Everything that is shown, and the voxels (n, n_classes) it shares with each class."""
    nodes = region_nodes(hierarchy, cut)
    region_of, owners = lookup_of_nodes(hierarchy, nodes), annotation.owners
    kept = _unpainted(table.counts, painted)
    erased, given = painted.values == ERASED, painted.values > ERASED
    regions = _summed(np.where(owners == 0, region_of, 0), kept, len(nodes) + 1)
    np.add.at(regions, (region_of[painted.leaves[erased]], painted.classes[erased]), painted.counts[erased])
    own = _summed(owners, kept, MAX_STRUCTURES + 1)
    np.add.at(own, (painted.values[given] - ERASED, painted.classes[given]), painted.counts[given])
    structures = list(_structures(annotation, own))
    shown = [ShownObject(region=number, node=node) for number, node in enumerate(nodes.tolist(), start=1)]
    rows = [regions[1:], *(counts[None] for _, counts in structures)]
    return shown + [one for one, _ in structures], np.concatenate(rows)


def _structures(annotation: Annotation, own: Ints) -> Iterator[tuple[ShownObject, Ints]]:
    """The structures, whole, and what is left of those in which others lie; `own` are the voxels of each alone."""
    for one in annotation.structures:
        family = annotation.family(one)
        yield ShownObject(structure=one), own[family].sum(axis=0)
        if len(family) > 1:
            yield ShownObject(structure=one, whole=False), own[one]


def _unpainted(counts: Ints, painted: PaintedVoxels) -> Ints:
    """The table of the voxels that are where their leaf is."""
    if not painted.counts.size:
        return counts
    kept = counts.copy()
    np.subtract.at(kept, (painted.leaves, painted.classes), painted.counts)
    return kept


def _summed(groups: npt.NDArray[np.integer], counts: Ints, n_groups: int) -> Ints:
    """Rows of `counts` (K+1, n) added up by group (K+1,), into (n_groups, n); rows of group 0 are left out."""
    rows = np.flatnonzero(groups)
    places = (groups[rows], rows)
    sums = csr_array((np.ones(len(rows), dtype=np.int64), places), shape=(n_groups, len(groups))) @ counts
    return np.asarray(sums)
