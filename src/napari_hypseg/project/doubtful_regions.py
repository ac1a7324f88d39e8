"""Where to look first in a segmentation that was carried over from another project."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from napari_hypseg.errors import ProjectError
from napari_hypseg.storage.json_text import validated
from napari_hypseg.volumes.box import Index3

KEY = "doubtful"
"""Of the list in the record of a segmentation."""


@dataclass(frozen=True)
class DoubtfulRegion:
    """Adjacent supervoxels that are unlike all leaves.

    Parameters
    ----------
    voxel
        A voxel (z, y, x) well inside.
    voxels
        How many there are.
    certainty
        Mean over them, in [0, 1].
    """

    voxel: Index3
    voxels: int
    certainty: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def doubtful_regions(record: Mapping[str, Any]) -> tuple[DoubtfulRegion, ...]:
    """Those in the record of a segmentation, the largest first; none if it was not carried over.

    Raises
    ------
    ProjectError
        If the record is damaged.
    """
    try:
        return tuple(validated(DoubtfulRegion, one) for one in record.get(KEY, ()))
    except (TypeError, ValueError) as error:
        raise ProjectError(
            f"The list of doubtful regions cannot be read ({error}); apply the project again."
        ) from error
