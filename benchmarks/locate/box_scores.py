"""How near a box comes to the true one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes import Box, Index3


@dataclass(frozen=True)
class BoxScore:
    """One box against the truth.

    Parameters
    ----------
    error
        Mean over the six faces of their distance from the true face, as a share of the side of the volume there.
    iou
        Intersection of the boxes over their union, in [0, 1].
    lost
        Share of the specimen's voxels outside the box, in [0, 1]; None where they are not known.
    """

    error: float
    iou: float
    lost: float | None = None


@dataclass(frozen=True)
class SetScore:
    """Scores of a set of volumes: means, and the worst of each."""

    count: int
    error: float
    worst_error: float
    iou: float
    worst_iou: float
    lost: float | None
    worst_lost: float | None


def score_box(found: Box, truth: Box, shape: Index3, specimen: npt.NDArray[np.bool_] | None = None) -> BoxScore:
    """Compare `found` with `truth` in a volume of `shape` (z, y, x); `specimen` (z, y, x) is what must not be lost."""
    lost = None if specimen is None else lost_share(found, specimen)
    return BoxScore(face_error(found, truth, shape), box_iou(found, truth), lost)


def face_error(found: Box, truth: Box, shape: Index3) -> float:
    """Mean relative error of the six face coordinates."""
    sides = np.array([shape, shape], dtype=np.float64)
    off = np.abs(np.array([found.start, found.stop]) - np.array([truth.start, truth.stop]))
    return float((off / sides).mean())


def box_iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes; 0 if both are empty."""
    common = a.intersect(b).size
    union = a.size + b.size - common
    return common / union if union else 0.0


def lost_share(found: Box, specimen: npt.NDArray[np.bool_]) -> float:
    """Share of the true voxels of `specimen` (z, y, x) that lie outside `found`; 0 if there are none."""
    total = int(np.count_nonzero(specimen))
    inside = found.intersect(Box.whole(specimen.shape))
    kept = int(np.count_nonzero(specimen[inside.slices])) if inside.size else 0
    return 1 - kept / total if total else 0.0


def summarise(scores: Sequence[BoxScore]) -> SetScore:
    """Means and worst values of one or more scores."""
    errors, ious = [one.error for one in scores], [one.iou for one in scores]
    lost = [one.lost for one in scores if one.lost is not None]
    return SetScore(
        len(scores),
        float(np.mean(errors)),
        max(errors),
        float(np.mean(ious)),
        min(ious),
        float(np.mean(lost)) if lost else None,
        max(lost) if lost else None,
    )


def bounding_box(mask: npt.NDArray[np.bool_]) -> Box:
    """Tight box of the true voxels (z, y, x); the whole grid if there are none."""
    if not mask.any():
        return Box.whole(mask.shape)
    ends = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        places = np.flatnonzero(mask.any(axis=others))
        ends.append((int(places[0]), int(places[-1]) + 1))
    (z0, z1), (y0, y1), (x0, x1) = ends
    return Box((z0, y0, x0), (z1, y1, x1))
