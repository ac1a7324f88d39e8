"""The choices behind a CT phantom: drawn, given, and checked."""

from dataclasses import dataclass

import numpy as np

from benchmarks.ct_phantom.distractor import Distractor
from benchmarks.ct_phantom.frame import Frame
from benchmarks.ct_phantom.surroundings import Medium
from napari_hypseg.errors import SettingError

SMALLEST = 48  # voxels along each axis
EXTENTS = (0.2, 0.85)  # share of the field's edges
MEDIA: tuple[Medium, ...] = ("capillary", "agarose")
DISTRACTORS: tuple[Distractor, ...] = ("holder", "object", "none")
ODDS = (0.45, 0.35, 0.2)  # of the distractors
NOISE = (0.35, 0.6)  # s.d., in s.d. of the specimen, as the contrast
CONTRAST = (-0.25, 0.25)


@dataclass(frozen=True)
class Choices:
    """What a scan shows; see `ct_phantom`."""

    medium: Medium
    distractor: Distractor
    noise: float
    contrast: float

    def check(self) -> None:
        """Refuse what cannot be made.

        Raises
        ------
        SettingError
            If there is no such medium, distractor or noise.
        """
        if self.medium not in MEDIA:
            raise SettingError(f"A CT phantom has no medium {self.medium!r}; choose one of {', '.join(MEDIA)}.")
        if self.distractor not in DISTRACTORS:
            known = ", ".join(DISTRACTORS)
            raise SettingError(f"A CT phantom has no distractor {self.distractor!r}; choose one of {known}.")
        if not self.noise >= 0:
            raise SettingError(f"Noise of {self.noise} s.d. does not exist; use 0 or more.")


def choose(
    medium: Medium | None,
    distractor: Distractor | None,
    noise: float | None,
    contrast: float | None,
    rng: np.random.Generator,
) -> Choices:
    """Draw every choice, then put those that were given in place: they leave the others as drawn."""
    drawn = Choices(
        MEDIA[rng.integers(2)], DISTRACTORS[rng.choice(3, p=ODDS)], rng.uniform(*NOISE), rng.uniform(*CONTRAST)
    )
    return Choices(
        drawn.medium if medium is None else medium,
        drawn.distractor if distractor is None else distractor,
        drawn.noise if noise is None else noise,
        drawn.contrast if contrast is None else contrast,
    )


def check_field(frame: Frame, extent: float | None) -> None:
    """Refuse a field or an extent that shows nothing.

    Raises
    ------
    SettingError
        If the grid is too small, a voxel has no size or the specimen does not fit.
    """
    if np.size(frame.shape) != 3 or min(frame.shape) < SMALLEST:
        raise SettingError(f"A CT phantom of {frame.shape} voxels shows nothing; use {SMALLEST} or more on each axis.")
    if np.size(frame.voxel_size) != 3 or not min(frame.voxel_size) > 0:
        raise SettingError(f"A voxel of {frame.voxel_size} micrometers has no size; give three edges above 0.")
    if extent is not None and not EXTENTS[0] <= extent <= EXTENTS[1]:
        raise SettingError(f"A specimen cannot span {extent} of the field; choose from {EXTENTS[0]} to {EXTENTS[1]}.")
