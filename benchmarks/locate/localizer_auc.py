"""How well a localizer sees the specimen in scans that it did not learn from, before any outline or box is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.locate.coarse_scenes import Scene
from benchmarks.locate.tap_metrics import tap_metrics
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.localizers.base import FittedLocalizer

CONTROLS = {"sorting": "displacement", "rotation": "accuracy"}
"""The metric by which each localizer says how well it does what it was taught."""


@dataclass(frozen=True)
class LocalizerAuc:
    """Means over scans.

    Parameters
    ----------
    control
        Mean displacement in slices, or share of the angles told right; None where nothing was taught.
    chance
        What guessing reaches there.
    map_auc
        With which the map tells cells of the specimen from all others.
    profile_auc
        With which the profiles tell slices with specimen from slices without, mean over the axes; None where there
        are no profiles.
    """

    control: float | None
    chance: float | None
    map_auc: float | None
    profile_auc: float | None


@dataclass
class _Marks:
    """What was seen in the scans so far."""

    controls: list[float] = field(default_factory=list)
    maps: list[float | None] = field(default_factory=list)
    profiles: list[float | None] = field(default_factory=list)


def localizer_auc(localizer: FittedLocalizer, method: str, settings: Any, scenes: Sequence[Scene]) -> Job[LocalizerAuc]:
    """What a localizer of the kind `method` sees in one or more scans of one grid; yields what its `propose` yields."""
    marks = _Marks()
    for scene in scenes:
        told = list[Mapping[str, float]]()
        evidence = yield from tap_metrics(localizer.propose(scene.copy), told.append)
        marks.controls += [metrics[CONTROLS[method]] for metrics in told if CONTROLS[method] in metrics]
        marks.maps.append(auc(evidence.map, scene.cells))
        marks.profiles += [auc(*both) for both in zip(evidence.profiles, scene.slices, strict=True)]
    expected = chance(method, settings, scenes[0])
    return LocalizerAuc(_mean(marks.controls), expected, _mean(marks.maps), _mean(marks.profiles))


def structure_auc(scenes: Sequence[Scene]) -> Job[LocalizerAuc]:
    """What is seen where grey values vary in every direction, without any network; yields `Progress`."""
    from napari_hypseg.methods.localizers.structure_tensor import structure

    seen = []
    for number, scene in enumerate(scenes, start=1):
        seen.append(auc(structure(scene.copy), scene.cells))
        yield Progress("find", number, len(scenes))
    return LocalizerAuc(None, None, _mean(seen), None)


def chance(method: str, settings: Any, scene: Scene) -> float:
    """Control metric of a localizer that guesses.

    *n* slices in random order are displaced by (n² - 1) / 3n in the mean; n is how many are put in order at a time.
    """
    from napari_hypseg.methods.localizers.background_flattening import halve

    if method == "rotation":
        return 1 / float(settings.angles)
    width = max(2, round(settings.span * halve(scene.copy).grid[0]))
    n = min(settings.slices, width)
    return float((n**2 - 1) / (3 * n))


def auc(numbers: npt.NDArray[np.floating[Any]], belongs: npt.NDArray[np.bool_]) -> float | None:
    """Area under the receiver operating characteristic of `numbers` for what `belongs`; None if all does, or nothing.

    Parameters
    ----------
    numbers, belongs
        One for each place, of one shape.
    """
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(belongs.ravel(), numbers.ravel())) if 0 < belongs.sum() < belongs.size else None


def _mean(numbers: Sequence[float | None]) -> float | None:
    """Mean of what is known."""
    known = [number for number in numbers if number is not None]
    return float(np.mean(known)) if known else None
