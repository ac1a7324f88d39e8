"""The simulated person with a pixel classifier: a dab for each click, a random forest on a filter bank after it.

The person is careful: of the 27 voxels of a dab only those are painted that are of the class of the voxel clicked.
What is wrong is looked for, and the Dice estimated, in a fixed sample, half of it in the structure, that stands for
all voxels; predicting every voxel after every click would take days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress

SAMPLE = 5_000
"""Voxels of the structure, and as many of the rest, that are predicted after each click."""
TREES = 50
"""Of a forest."""
REACH = 1
"""Voxels around the one clicked that a dab covers."""

Floats = npt.NDArray[np.floating[Any]]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Sample:
    """Voxels that stand for all.

    Parameters
    ----------
    places
        (n, 3); z, y, x.
    truth
        bool (n,); whether they are in the structure.
    weights
        float64 (n,); how many voxels each stands for.
    """

    places: Places
    truth: Mask
    weights: Floats

    @classmethod
    def draw(cls, truth: Mask, counted: Mask, rng: np.random.Generator) -> "Sample":
        """A sample of the voxels (z, y, x) that count."""
        strata = [np.argwhere(counted & truth), np.argwhere(counted & ~truth)]
        drawn = [one[rng.choice(len(one), min(SAMPLE, len(one)), replace=False)] for one in strata]
        weights = [np.full(len(part), len(one) / max(1, len(part))) for one, part in zip(strata, drawn, strict=True)]
        places = np.concatenate(drawn)
        return cls(places, truth[tuple(places.T)], np.concatenate(weights))

    def dice(self, predicted: Mask) -> float:
        """Estimated Dice of a prediction (n,)."""
        shared = self.weights[predicted & self.truth].sum()
        return float(2 * shared / (self.weights[predicted].sum() + self.weights[self.truth].sum()))


def dice_of_dabs(
    features: Floats, truth: Mask, counted: Mask, clicks: Sequence[int], trials: int
) -> Job[dict[int, float]]:
    """Mean Dice with a structure after so many dabs; yields `Progress` of the stage ``"dabs"``.

    Parameters
    ----------
    features
        (z, y, x, f) of every voxel.
    truth, counted
        bool (z, y, x); the structure, and the voxels that count.
    clicks
        Numbers of dabs.
    trials
        Simulated persons; the mean over them is returned.
    """
    curves = []
    for seed in range(trials):
        curve = list[float]()
        for dice in _trial(features, truth, counted, max(clicks), seed):
            yield Progress("dabs", seed * max(clicks) + len(curve), trials * max(clicks))
            curve.append(dice)
        curves.append(curve)
    return {n: float(np.mean([curve[n - 1] for curve in curves])) for n in clicks}


def _trial(features: Floats, truth: Mask, counted: Mask, n_clicks: int, seed: int) -> Iterator[float]:
    """Dice after each dab."""
    rng = np.random.default_rng(seed)
    sample = Sample.draw(truth, counted, rng)
    seen = features[tuple(sample.places.T)].astype(np.float32)
    painted, classes = list[Floats](), list[Mask]()
    predicted = np.zeros(len(sample.truth), dtype=np.bool_)
    for _ in range(n_clicks):
        wrong = np.where(predicted != sample.truth, sample.weights, 0)
        if wrong.any():
            at = sample.places[rng.choice(len(wrong), p=wrong / wrong.sum())]
            dab = _dab(at, truth, counted)
            painted.append(features[tuple(dab.T)].astype(np.float32))
            classes.append(truth[tuple(dab.T)])
            predicted = _predicted(np.concatenate(painted), np.concatenate(classes), seen, seed)
        yield sample.dice(predicted)


def _dab(at: Places, truth: Mask, counted: Mask) -> Places:
    """Places (n, 3) of the voxels around one that count and are of its class."""
    low = np.maximum(at - REACH, 0)
    box = tuple(slice(a, b) for a, b in zip(low, at + REACH + 1, strict=True))
    return np.argwhere(counted[box] & (truth[box] == truth[tuple(at)])) + low


def _predicted(painted: Floats, classes: Mask, seen: Floats, seed: int) -> Mask:
    """What a forest taught by painted voxels (m, f) says of others (n, f); one class while there is only one."""
    from sklearn.ensemble import RandomForestClassifier

    if classes.all() or not classes.any():
        return np.full(len(seen), bool(classes[0]))
    forest = RandomForestClassifier(TREES, random_state=seed, n_jobs=1).fit(painted, classes)
    return np.asarray(forest.predict(seen), dtype=np.bool_)
