"""Edits of one segmentation done again on another one of the same voxels, whose leaves are other ones."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import (
    BaseEdit,
    DivideStructure,
    MakeStructure,
    RenameStructure,
    SplitStructure,
    edit_from,
)
from napari_hypseg.structures.leaf_ranges import from_ranges, to_ranges

NOT_CARRIED = frozenset({"open", "close", "reset"})
"""Kinds of edits about nodes of a tree, which another tree has not."""
IDS = ("structure", "parent", "into")
CORRECTED = ("added", "taken")


class LeafTranslation:
    """From sets of leaves to those of another segmentation of the same voxels.

    Parameters
    ----------
    shared
        (K, L): voxels that leaf *i* of the one shares with leaf *j* of the other.
    own_sizes, sizes
        int64 (K,) and (L,): voxels of the leaves of the one and of the other.
    """

    def __init__(self, shared: csr_array, own_sizes: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> None:
        self._shared, self.own_sizes, self._sizes = shared, own_sizes, sizes

    def __call__(self, ranges: str) -> str:
        """The leaves of the other of which more than half lies in those of the one."""
        chosen = from_ranges(ranges, self._shared.shape[0])
        inside = self._shared.T @ chosen.astype(np.int64)
        return to_ranges(np.flatnonzero((2 * inside > self._sizes) & (self._sizes > 0)))

    def shared_voxels(self, ones: npt.NDArray[np.bool_], others: npt.NDArray[np.bool_]) -> int:
        """Voxels that the leaves `ones` (K,) of the one and `others` (L,) of the other have in common."""
        return int(ones @ (self._shared @ others.astype(np.int64)))


def translated(
    edit: BaseEdit, leaves: LeafTranslation | None, ids: Mapping[int, int], annotation: Annotation
) -> BaseEdit | None:
    """An edit for another project; None if it has no meaning there.

    Parameters
    ----------
    edit
        The edit.
    leaves
        How leaves are translated, None where they are the same.
    ids
        Structure ids there by those here.
    annotation
        The state it will be done to: names that are taken there get a number.
    """
    record: dict[str, Any] = edit.model_dump(mode="json")
    if leaves is not None:
        if record["kind"] in NOT_CARRIED:
            return None
        if "leaves" in record:
            record |= {"leaves": leaves(record["leaves"]), "tree": None, "nodes": []}
        record |= {key: leaves(record[key]) for key in CORRECTED if key in record}
        if "parts" in record:
            record["parts"] = [leaves(part) for part in record["parts"]]
    for key in IDS:
        if record.get(key) is not None:
            if record[key] not in ids:
                return None
            record[key] = ids[record[key]]
    if isinstance(edit, MakeStructure | RenameStructure | DivideStructure):
        record["name"] = annotation.free_name(edit.name)
    if isinstance(edit, SplitStructure):
        record["names"] = [annotation.free_name(name) for name in edit.names]
    return edit_from(record)


def made_ids(edit: BaseEdit, next_id: int) -> range:
    """Ids of the structures that an edit makes, in order, when the next free id is `next_id`."""
    if isinstance(edit, MakeStructure | DivideStructure):
        return range(next_id, next_id + 1)
    return range(next_id, next_id + len(edit.parts)) if isinstance(edit, SplitStructure) else range(0)
