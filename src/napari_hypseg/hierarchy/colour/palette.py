"""Choosing the colours of regions as they split off, so that they stay apart for any eyes and akin to their origin."""

from functools import lru_cache
from math import sqrt

import numpy as np

from napari_hypseg.hierarchy.colour.oklab import Colours, as_seen, in_gamut, polar

# The first region is mostly background: calm, a greyish blue. The first to leave it is its complement, a warm orange.
CALM = polar(np.array(0.66), np.array(0.055), np.array(255.0))
WARM = polar(np.array(0.76), np.array(0.145), np.array(62.0))
# Light enough to be seen over black and grey, vivid enough to be told from grey.
LIGHTNESSES = np.linspace(0.56, 0.92, 10)
CHROMAS = np.array([0.09, 0.12, 0.15, 0.18])
HUES = np.arange(0.0, 360.0, 10.0)
# Shades of a colour differ in lightness more than in hue.
LIGHTNESS_COUNTS = 0.5
# Distance in OKLab wanted between any two of k regions, in the eyes that see it smallest. Colour-blind eyes have two
# dimensions left, whence the square root. Beyond a dozen regions nobody reads a colour as "that one": kinship comes
# first, and only a region and what it broke off from stay well apart.
WIDEST = 0.2
PACKING = 0.36
DOZEN = 12
FROM_ORIGIN = 0.08
# What the greyish first region counts as when its shades are looked for, or every hue would be equally near to it.
LEAST_CHROMA = 0.12


class Palette:
    """The colours in use, and the next one.

    Colours are only ever added, as the bigger part of a split keeps the one it has; the distance of every candidate to
    the nearest colour in use is therefore updated, never computed anew.
    """

    def __init__(self) -> None:
        self.candidates, self.seen = _candidates()
        self.free = np.full(len(self.candidates), np.inf)
        self.n_used = 0

    def use(self, colour: Colours) -> Colours:
        """Take `colour`, OKLab (3,), into use."""
        self.free = np.minimum(self.free, self._distances(colour))
        self.n_used += 1
        return colour

    def smaller_child_of(self, origin: Colours) -> Colours:
        """Take the colour into use that is most like `origin`, OKLab (3,), among those far enough from all in use."""
        unlike = np.linalg.norm((self.candidates - _vivid(origin)) * [LIGHTNESS_COUNTS, 1, 1], axis=-1)
        far_enough = (self.free >= wanted_distance(self.n_used + 1)) & (self._distances(origin) >= FROM_ORIGIN)
        best = np.argmin(np.where(far_enough, unlike, np.inf)) if far_enough.any() else np.argmax(self.free)
        return self.use(self.candidates[best])

    def _distances(self, colour: Colours) -> Colours:
        """Of each candidate to `colour`, in the eyes that see it smallest."""
        squares = np.square(self.seen - as_seen(colour)).sum(axis=-1)
        return np.asarray(np.sqrt(squares.min(axis=-1)))


def wanted_distance(k: int) -> float:
    """How far apart `k` regions are to be, in OKLab."""
    return min(WIDEST, PACKING / sqrt(k) * min(1.0, DOZEN / k))


def _vivid(lab: Colours) -> Colours:
    chroma = np.hypot(lab[1], lab[2])
    return np.array(lab * [1, *2 * [max(1.0, LEAST_CHROMA / chroma)]])


@lru_cache(maxsize=1)
def _candidates() -> tuple[Colours, Colours]:
    grid = np.meshgrid(LIGHTNESSES, CHROMAS, HUES, indexing="ij")
    lab = polar(*(axis.ravel() for axis in grid))
    lab = lab[in_gamut(lab)]
    return lab, as_seen(lab)
