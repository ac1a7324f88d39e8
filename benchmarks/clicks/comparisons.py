"""What clicks on regions are compared with: dabs for a pixel classifier, and a network that was told labels.

Neither knows the segmentation, so that both can be added to a record later, and dabs of one seed serve all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from benchmarks.clicks.pixel_classifier import dice_of_dabs
from benchmarks.clicks.records import ClickRecord, Curve
from benchmarks.real.annotated_volumes import KnownSpecimen
from benchmarks.segmentation.supervised import classes_at_levels
from benchmarks.segmentation.tree_makers import POINTS
from benchmarks.segmentation.unet import UNet
from napari_hypseg.jobs import Job

CLICKS = (1, 2, 3, 5, 8, 12, 20)
FEATURES = "filter-bank"
"""Of the pixel classifier."""
FINEST = 8
"""Regions of the level of a phantom in which all classes come apart."""

Mask = npt.NDArray[np.bool_]


def with_dabs(record: ClickRecord, known: KnownSpecimen, others: Iterable[ClickRecord]) -> Job[ClickRecord]:
    """A record with what dabs reach for each of its structures; those of `others` of the same specimen are taken over.

    Yields events.
    """
    curves = {name: curve for one in others if _alike(one, record) for name, curve in _curves(one).items()}
    missing = {name: one.labels for name, one in record.structures.items() if name not in curves}
    if missing:
        features = (yield from POINTS[FEATURES](known.specimen)).numpy()
        counted, labels = known.specimen.inside(known.specimen.volume.box), np.asarray(known.labels)
        for name, own in missing.items():
            curve = yield from dice_of_dabs(features, np.isin(labels, own), counted, CLICKS, record.trials)
            curves[name] = text_keys(curve)
    structures = {name: replace(one, dabs=curves[name]) for name, one in record.structures.items()}
    return replace(record, structures=structures)


def with_ceiling(record: ClickRecord, known: KnownSpecimen, unet: UNet, budget: str) -> ClickRecord:
    """A record with the Dice of what a network sees of each of its structures.

    Parameters
    ----------
    budget
        Of the network's learning, in words.
    """
    seen = classes_at_levels(unet, known.specimen)[FINEST].astype(np.int64) - 1
    labels = np.asarray(known.labels)
    structures = {
        name: replace(one, ceiling=_dice(np.isin(seen, one.labels), np.isin(labels, one.labels)))
        for name, one in record.structures.items()
    }
    return replace(record, structures=structures, ceiling_budget=budget)


def text_keys(curve: Mapping[int, float]) -> Curve:
    """A curve as it is kept."""
    return {str(n): dice for n, dice in curve.items()}


def _alike(one: ClickRecord, other: ClickRecord) -> bool:
    """Whether dabs reach the same in two records."""
    first, second = ((r.volume, r.specimen, tuple(r.grid), r.trials) for r in (one, other))
    return first == second


def _curves(record: ClickRecord) -> dict[str, Curve]:
    return {name: one.dabs for name, one in record.structures.items() if one.dabs}


def _dice(first: Mask, second: Mask) -> float:
    return float(2 * (first & second).sum() / max(1, first.sum() + second.sum()))
