"""Boxes compared with references in many rotations and shifts, by likelihood.

Of a box with the spectrum A and a reference with the mean m and the variance v in it, and noise of the variance σ², the
gain over noise alone is Σ |A|²/σ² − |A − m|²/(σ² + v) − log(1 + v/σ²). A matrix product gives it for all rotations
and shifts at once.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.particles.classes.alignment.box_spectra import BoxSpectra
from napari_hypseg.particles.classes.alignment.references import References

ROTATIONS, BOXES, NEARBY = 256, 64, 16
"""Rotations and boxes compared at once, and boxes whose rotations are refined at once."""


@dataclass(frozen=True, eq=False)
class Fits:
    """The best of n boxes: gains float32 (n,), rotations (n, 3, 3), and shifts (n, 3) in voxels."""

    gains: Tensor
    rotations: Tensor
    shifts: Tensor


def shift_grid(step: float) -> Tensor:
    """The 27 shifts (27, 3) by `step` voxels or none along each axis."""
    line = torch.tensor([-1.0, 0.0, 1.0]) * step
    return torch.cartesian_prod(line, line, line)


def search_job(
    spectra: BoxSpectra, references: References, number: int, rotations: Tensor, shifts: Tensor, so_far: Progress
) -> Job[Fits]:
    """Compare all boxes with a reference in `rotations` (r, 3, 3) and `shifts` (s, 3); yields `so_far` meanwhile."""
    n = len(spectra)
    noise = references.model.noise_of(spectra.band)
    best = torch.full((n,), -torch.inf)
    turned, moved = torch.zeros(n, dtype=torch.int64), torch.zeros(n, dtype=torch.int64)
    phases = _phases(spectra, shifts)
    for first in range(0, len(rotations), ROTATIONS):
        means, variances = references.turned(number, rotations[first : first + ROTATIONS], spectra.band.frequencies)
        weights = 1 / (noise + variances)
        weighted = torch.cat([means.real * weights, means.imag * weights], dim=1)
        constant = -(means.abs().square() * weights + torch.log1p(variances / noise)).sum(1)
        for begin in range(0, n, BOXES):
            part = slice(begin, begin + BOXES)
            boxes = spectra.values[part]
            shifted = (boxes[:, None] * phases).flatten(0, 1)
            products = torch.cat([shifted.real, shifted.imag], dim=1) @ weighted.T
            of_shift, place = products.view(len(boxes), len(shifts), -1).max(1)
            gains = 2 * of_shift + boxes.abs().square() @ (1 / noise - weights).T + constant
            gain, rotation = gains.max(1)
            better = gain > best[part]
            best[part] = torch.where(better, gain, best[part])
            turned[part] = torch.where(better, first + rotation, turned[part])
            moved[part] = torch.where(better, place[torch.arange(len(boxes)), rotation], moved[part])
            yield so_far
    return Fits(best, rotations[turned], shifts[moved])


def refine_job(
    spectra: BoxSpectra, references: References, rotations: Tensor, nearby: Tensor, shifts: Tensor, so_far: Progress
) -> Job[Fits]:
    """The same around the `rotations` (n, 3, 3) of the boxes: turned further by `nearby` (r, 3, 3) and `shifts`.

    All are compared with the first of the references.
    """
    noise, phases = references.model.noise_of(spectra.band), _phases(spectra, shifts)
    gains, found, moved = torch.zeros(len(spectra)), rotations.clone(), torch.zeros(len(spectra), 3)
    for part in torch.arange(len(spectra)).split(NEARBY):
        around = nearby @ rotations[part][:, None]
        means, variances = references.turned(0, around.flatten(0, 1), spectra.band.frequencies)
        means, variances = (t.view(len(part), len(nearby), -1) for t in (means, variances))
        weights = 1 / (noise + variances)
        boxes = spectra.values[part]
        cross = ((boxes[:, None] * phases) @ (means.conj() * weights).mT).real
        of_shift, place = cross.max(1)
        rest = boxes.abs().square()[:, None] * (1 / noise - weights) - means.abs().square() * weights
        gain, rotation = (2 * of_shift + (rest - torch.log1p(variances / noise)).sum(2)).max(1)
        here = torch.arange(len(part))
        gains[part], found[part] = gain, around[here, rotation]
        moved[part] = shifts[place[here, rotation]]
        yield so_far
    return Fits(gains, found, moved)


def _phases(spectra: BoxSpectra, shifts: Tensor) -> Tensor:
    """complex64 (s, D): what moves content that is off by each of `shifts` (s, 3) to the middle."""
    return torch.exp(2j * math.pi / spectra.band.edge * (shifts @ spectra.band.frequencies.T))
