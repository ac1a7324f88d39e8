"""How far a box can be trusted: the IoU with the true box that is to be expected, from features that need no truth.

The weights are those that came nearest to the IoU on generated scans and on boxes that were known to be wrong; the
benchmark shows how reliable they are on others.
"""

from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.methods.localizers.mask_morphology import Mask, filled_component
from napari_hypseg.methods.localizers.seeds import enlarge
from napari_hypseg.methods.localizers.structure_tensor import structure
from napari_hypseg.volumes.coarse import CoarseVolume

Array = npt.NDArray[np.float32]
LOW, HIGH = 0.5, 0.97
"""Probabilities between which a stable outline does not move."""
NEAR = 4
"""Cells around an outline that are neither inside nor outside."""
STRONGEST = 10.0
"""Structure inside, in structure outside, beyond which more says nothing."""


@dataclass(frozen=True)
class QualityFeatures:
    """What speaks for an outline; each from 0 to 1.

    Parameters
    ----------
    agreement
        Dice of the outline and the piece of structure it was learned from.
    stability
        Cells that stay when the threshold of the probability rises, as a share of those before.
    structure
        Median strength of structure inside over its ninth decile outside, on a logarithmic scale.
    alone
        Share of the likely cells that belong to the outline.
    size
        Shortest edge in cells, on a logarithmic scale: the same error of a face costs a small box more.
    """

    agreement: float
    stability: float
    structure: float
    alone: float
    size: float


BIAS, WEIGHTS = -6.02, (3.22, 2.61, 0.06, 3.3, 2.61)
"""Fitted by ``python -m benchmarks.locate.certainty_fit``."""


def expected_iou(features: QualityFeatures) -> float:
    """Logistic function of the weighted features, in [0, 1]."""
    return float(1 / (1 + np.exp(-BIAS - np.dot(WEIGHTS, astuple(features)))))


def quality_features(volume: CoarseVolume, piece: Mask, sure: Array, mask: Mask) -> QualityFeatures:
    """The features of an outline `mask` (z, y, x) that was learned from `piece` and has the probabilities `sure`."""
    if not (mask & volume.valid).any() or not (~mask & volume.valid).any():
        return QualityFeatures(0, 0, 0, 0, 0)
    likely = (sure > LOW) & volume.valid
    return QualityFeatures(
        2 * float((mask & piece).sum()) / float(mask.sum() + piece.sum()),
        _stability(sure, mask),
        _structure_contrast(volume, mask),
        float((likely & mask).sum()) / max(1, int(likely.sum())),
        float(np.clip(np.log2(min(np.ptp(axis) + 1 for axis in np.nonzero(mask))) / 7, 0, 1)),
    )


def _stability(sure: Array, mask: Mask) -> float:
    smooth = ndimage.gaussian_filter(sure, 1.0)
    low, high = (filled_component(smooth > limit, mask) for limit in (LOW, HIGH))
    return float((low & high).sum()) / max(1, int(low.sum()))


def _structure_contrast(volume: CoarseVolume, mask: Mask) -> float:
    strength = enlarge(structure(volume), volume.grid)
    away = volume.valid & ~ndimage.binary_dilation(mask, iterations=NEAR)
    inside = mask & volume.valid
    if not away.any():
        return 0.0
    ratio = float(np.median(strength[inside])) / max(float(np.quantile(strength[away], 0.9)), 1e-6)
    return float(np.clip(np.log(max(ratio, 1.0)) / np.log(STRONGEST), 0, 1))
