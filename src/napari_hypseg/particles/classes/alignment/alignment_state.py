"""Boxes on their way to classes: the reference and rotation that each has at present, and how far the work is."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.particles.classes.alignment.box_spectra import BoxSpectra
from napari_hypseg.particles.classes.alignment.noise_model import first_noise_model, updated_noise_model
from napari_hypseg.particles.classes.alignment.references import References, TurnedBoxes, make_references_job
from napari_hypseg.particles.classes.alignment.rotation_grid import even_rotations
from napari_hypseg.particles.classes.alignment.search import Fits, shift_grid
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings

NO_CLASS = -1


class AlignmentSteps:
    """How far it is: comparisons of all boxes, or all of a class, with one reference."""

    def __init__(self, total: int) -> None:
        self._done, self._total, self.stopped = 0, total, False

    @property
    def now(self) -> Progress:
        """What to say meanwhile."""
        return Progress(Stage.TURN, self._done, self._total)

    def next(self) -> Progress:
        """One more is done."""
        self._done = min(self._done + 1, self._total)
        return self.now


class AlignmentState:
    """Boxes, with the reference and rotation that each has at present."""

    def __init__(
        self, spectra: BoxSpectra, settings: AlignmentSettings, resolution: float, steps: AlignmentSteps
    ) -> None:
        self.spectra, self.model = spectra, first_noise_model(spectra)
        self.rotations, self.shifts = even_rotations(settings.angular_step), shift_grid(resolution / 2)
        self.classes = torch.zeros(len(spectra), dtype=torch.int64)
        self.turns = torch.eye(3).repeat(len(spectra), 1, 1)
        self.gains = torch.zeros(len(spectra), 1)
        self.steps, self._learns_noise = steps, True

    def part(self, rows: Tensor) -> "AlignmentState":
        """Some of the boxes, `rows` (m,), with the noise as it is known, so that gains can be compared."""
        part = copy.copy(self)
        part.spectra, part._learns_noise = self.spectra.take(rows), False
        part.turns, part.classes = self.turns[rows], torch.zeros_like(rows)
        return part

    def begin_with(self, few: Tensor) -> None:
        """Make the next reference of a `few` boxes (m,) alone."""
        self.classes = torch.full_like(self.classes, NO_CLASS)
        self.classes[few] = 0

    def references_job(self, count: int) -> Job[References]:
        """Of the boxes as they are, with the noise that these leave."""
        rows = torch.nonzero(self.classes != NO_CLASS)[:, 0]
        boxes = TurnedBoxes(rows, self.turns[rows], self.classes[rows])
        made = yield from make_references_job(self.spectra, boxes, count, self.model, self.steps.now)
        if self._learns_noise:
            self.model = updated_noise_model(self.spectra, *self._fitted(made), self.model)
        return References(made.sums, made.weights, self.model, made.shells)

    def _fitted(self, made: References) -> tuple[Tensor, Tensor]:
        means = torch.zeros_like(self.spectra.values)
        variances = torch.full(means.shape, torch.inf)
        for number in range(len(made)):
            rows = torch.nonzero(self.classes == number)[:, 0]
            if len(rows):
                found = made.turned(number, self.turns[rows], self.spectra.band.frequencies)
                means[rows], variances[rows] = found
        return means, variances

    def take_best_job(self, fits: Sequence[Fits]) -> Job[None]:
        """Put each box to the reference that explains it best."""
        self.gains = torch.stack([fit.gains for fit in fits], dim=1)
        self.classes = self.gains.argmax(1)
        here = torch.arange(len(self.classes))
        self.turns = torch.stack([fit.rotations for fit in fits], dim=1)[here, self.classes]
        shifts = torch.stack([fit.shifts for fit in fits], dim=1)[here, self.classes]
        yield from self.spectra.move_job(shifts, self.steps.now)
