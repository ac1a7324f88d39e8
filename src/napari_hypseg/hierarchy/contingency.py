"""How many voxels each leaf shares with each class of a label volume: all that any score needs, counted in one pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.jobs import Job, Progress, quietly
from napari_hypseg.volumes import LazyArray

Ints = npt.NDArray[np.int64]

VOXELS_AT_ONCE = 1_000_000
# A label volume with more classes than this is an image, or instances; neither can be matched with regions.
MAX_CLASSES = 1024
# Labels of one slab this far apart or less are told apart by counting, which is ten times faster than sorting.
COUNTABLE = 1 << 20


@dataclass(frozen=True, eq=False)
class Contingency:
    """Voxels shared by leaves and classes.

    Parameters
    ----------
    counts
        int64 (K+1, n_classes); row i + 1 belongs to leaf i, row 0 to voxels outside all leaves.
    classes
        int64 (n_classes,); the labels, ascending, 0 (background) among them where it occurs.
    """

    counts: Ints
    classes: Ints

    @property
    def n_leaves(self) -> int:
        """Number of leaves K."""
        return len(self.counts) - 1

    @cached_property
    def class_sizes(self) -> Ints:
        """int64 (n_classes,): voxels of each class, those outside all leaves included."""
        return np.asarray(self.counts.sum(axis=0))

    @cached_property
    def leaf_sizes(self) -> Ints:
        """int64 (K,): voxels of each leaf, of whatever class."""
        return np.asarray(self.counts[1:].sum(axis=1))

    def without(self, label: int) -> "Contingency":
        """The table of the voxels that have another label."""
        kept = self.classes != label
        return Contingency(self.counts[:, kept], self.classes[kept])

    def against(self, labels: Sequence[int]) -> tuple[Ints, Ints, int]:
        """Voxels of the labels in each leaf (K,), all voxels of each leaf (K,), and all voxels of the labels."""
        wanted = self.counts[:, np.isin(self.classes, list(labels))].sum(axis=1)
        return wanted[1:], self.leaf_sizes, int(wanted.sum())


def contingency(
    leaves: LazyArray, truth: LazyArray, n_leaves: int, mask: LazyArray | None = None, name: str = "The truth"
) -> Contingency:
    """Count in one go; see `contingency_job`."""
    return quietly(contingency_job(leaves, truth, n_leaves, mask, name))


def contingency_job(
    leaves: LazyArray, truth: LazyArray, n_leaves: int, mask: LazyArray | None = None, name: str = "The truth"
) -> Job[Contingency]:
    """Count slab by slab, yielding ``Progress("score", planes, Z)``.

    Parameters
    ----------
    leaves
        uint16 (z, y, x); 0 outside, leaf i as i + 1.
    truth
        (z, y, x), whole numbers of any dtype, floating ones included; 0 is background.
    n_leaves
        Number of leaves K.
    mask
        (z, y, x); voxels above 0 count, None for all.
    name
        What to call the truth in an error: its file.

    Raises
    ------
    InputError
        If grids differ, the truth does not hold labels, or the mask is empty.
    ProjectError
        If the leaf-id volume holds a leaf that there is not.
    """
    _check_grid(leaves, truth, name)
    if mask is not None:
        _check_grid(leaves, mask, "The mask")
    table = _Table(n_leaves, name)
    n_planes = leaves.shape[0]
    for planes in _slabs(leaves):
        slab = [np.asarray(array[planes]) for array in (leaves, truth)]
        kept = None if mask is None else np.asarray(mask[planes]) > 0
        for rows in _pieces(slab[0].shape):
            here = ... if kept is None else kept[rows]
            table.add(slab[0][rows][here].ravel(), slab[1][rows][here].ravel())
            yield Progress("score", planes.start + rows.stop, n_planes)
    return table.finished()


def _check_grid(leaves: LazyArray, other: LazyArray, name: str) -> None:
    if tuple(other.shape) != tuple(leaves.shape):
        raise InputError(
            f"{name} has shape {tuple(other.shape)} but the segmented volume has {tuple(leaves.shape)}; "
            "give one on the same grid (z, y, x)."
        )


def _slabs(leaves: LazyArray) -> Iterator[slice]:
    """Slabs as thick as the chunks, so that each chunk is read once."""
    depth, plane = leaves.shape[0], int(np.prod(leaves.shape[1:]))
    chunks: Any = getattr(leaves, "chunks", None)
    thick = int(chunks[0]) if chunks and isinstance(chunks[0], int) else max(1, VOXELS_AT_ONCE // max(1, plane))
    return (slice(z, min(depth, z + thick)) for z in range(0, depth, thick))


def _pieces(shape: tuple[int, ...]) -> Iterator[slice]:
    step = max(1, VOXELS_AT_ONCE // max(1, int(np.prod(shape[1:]))))
    return (slice(z, min(shape[0], z + step)) for z in range(0, shape[0], step))


class _Table:
    def __init__(self, n_leaves: int, name: str) -> None:
        self.n_leaves, self.name = n_leaves, name
        self.columns: dict[int, int] = {}
        self.counts = np.zeros((n_leaves + 1, 0), dtype=np.int64)

    def add(self, leaves: npt.NDArray[Any], truth: npt.NDArray[Any]) -> None:
        """Count one piece, both (n,)."""
        if not leaves.size:
            return
        if leaves.max() > self.n_leaves:
            raise ProjectError(
                f"The leaf volume holds leaf {leaves.max()} but the tree has {self.n_leaves} leaves; segment again."
            )
        labels, places = _distinct(_whole(truth, self.name))
        columns = np.array([self.columns.setdefault(label, len(self.columns)) for label in labels.tolist()])
        self._check_number_of_classes()
        width = len(self.columns)
        flat = np.bincount(leaves.astype(np.int64) * width + columns[places], minlength=(self.n_leaves + 1) * width)
        counts = flat.reshape(-1, width)
        counts[:, : self.counts.shape[1]] += self.counts
        self.counts = counts

    def _check_number_of_classes(self) -> None:
        if len(self.columns) > MAX_CLASSES:
            raise InputError(
                f"{self.name} holds more than {MAX_CLASSES} different values, so it is not a volume of classes; "
                "give one label per kind of structure."
            )

    def finished(self) -> Contingency:
        """The table with its classes in order."""
        if not self.columns:
            raise InputError("The mask holds no voxel; give one with values above 0 inside the volume.")
        classes = np.array(sorted(self.columns), dtype=np.int64)
        return Contingency(self.counts[:, [self.columns[label] for label in classes.tolist()]], classes)


def _whole(values: npt.NDArray[Any], name: str) -> Ints:
    """Labels as int64; NIfTI and MRC files often hold them as floating-point numbers."""
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (np.rint(values) == values)
        if not whole.all():
            odd = values[~whole][0]
            raise InputError(f"{name} holds {odd:g}, which is no label; give a volume of whole numbers.")
    elif values.dtype.kind not in "bui":
        raise InputError(f"{name} holds {values.dtype} values; give a volume of whole numbers.")
    return values.astype(np.int64)


def _distinct(labels: Ints) -> tuple[Ints, Ints]:
    """The labels that occur, ascending, and the place of each value among them."""
    lowest = labels.min()
    shifted = labels - lowest
    if shifted.max() > COUNTABLE:
        return np.unique(labels, return_inverse=True)
    present = np.flatnonzero(np.bincount(shifted))
    places = np.zeros(present[-1] + 1, dtype=np.int64)
    places[present] = np.arange(len(present))
    return present + lowest, places[shifted]
