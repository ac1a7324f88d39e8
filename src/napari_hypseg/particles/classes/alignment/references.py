"""References: what is known of a class from its boxes at each frequency, and how little that is.

The mean and the variance are those of the posterior under a normal prior as strong as the signal (Scheres 2012), each
frequency counted as often as boxes have measured it. Where no box has, the mean is 0 and the variance that of the
prior, so that a box is neither rewarded nor punished there.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.particles.classes.alignment.box_spectra import BoxSpectra, from_spectrum, to_spectrum
from napari_hypseg.particles.classes.alignment.noise_model import NoiseModel

BATCH = 32
"""Boxes turned back at once."""
FINER = 2
"""Spectra of references are sampled as often, so that interpolating between frequencies is exact enough."""


@dataclass(frozen=True, eq=False)
class References:
    """K references on boxes of E³ voxels.

    Parameters
    ----------
    sums
        complex64 (K, E, E, E): sum of the spectra of the boxes, turned back, with the mean in the middle.
    weights
        float32 (K, E, E, E): how often each frequency was measured.
    model
        Of noise and signal.
    shells
        int64 (E, E, E): of each frequency.
    """

    sums: Tensor
    weights: Tensor
    model: NoiseModel
    shells: Tensor

    def __post_init__(self) -> None:
        noise, signal = self.model.noise[self.shells], self.model.signal[self.shells]
        seen = self.weights + noise / signal
        margin = (FINER - 1) * self.edge // 2
        fine = to_spectrum(F.pad(from_spectrum(self.sums / seen), (margin,) * 6))
        object.__setattr__(self, "_means", torch.stack([fine.real, fine.imag], dim=1))
        object.__setattr__(self, "_variances", (noise / seen)[:, None])

    def __len__(self) -> int:
        return len(self.sums)

    @property
    def edge(self) -> int:
        """E."""
        return self.sums.shape[-1]

    def turned(self, number: int, rotations: Tensor, frequencies: Tensor) -> tuple[Tensor, Tensor]:
        """Means complex64 and variances float32 (r, D) of a reference in boxes of `rotations` (r, 3, 3).

        A rotation takes row vectors of the box to those of the reference, and frequencies with them.
        """
        there = frequencies @ rotations
        means: Tensor = self._means[number : number + 1]  # type: ignore[attr-defined]
        variances: Tensor = self._variances[number : number + 1]  # type: ignore[attr-defined]
        real, imaginary = _sampled(means, there * FINER)
        (variance,) = _sampled(variances, there)
        return torch.complex(real, imaginary), variance

    def volumes(self, least: float = 0.05) -> Tensor:
        """Averages float32 (K, E, E, E), each frequency divided by how often it was measured.

        Parameters
        ----------
        least
            Share of the boxes of a class that have to have measured a frequency, below which it is damped.
        """
        most = self.weights.amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-6)
        return from_spectrum(self.sums / torch.maximum(self.weights, least * most))


def _sampled(grids: Tensor, places: Tensor) -> Tensor:
    """Values (c, r, D) of grids (1, c, e, e, e) at frequencies (r, D, 3) from their middle."""
    edge = grids.shape[-1]
    scaled = (places + edge // 2) * (2 / (edge - 1)) - 1
    found = F.grid_sample(grids, scaled.flip(-1)[None, :, :, None], padding_mode="border", align_corners=True)
    return found[0, ..., 0]


@dataclass(frozen=True, eq=False)
class TurnedBoxes:
    """Boxes `rows` (m,), turned by `rotations` (m, 3, 3), of `classes` (m,) from 0."""

    rows: Tensor
    rotations: Tensor
    classes: Tensor

    @classmethod
    def single(cls, row: int) -> "TurnedBoxes":
        """One box as it lies."""
        return cls(torch.tensor([row]), torch.eye(3)[None], torch.zeros(1, dtype=torch.int64))


def make_references_job(
    spectra: BoxSpectra, boxes: TurnedBoxes, count: int, model: NoiseModel, so_far: Progress
) -> Job[References]:
    """Make `count` references of boxes; yields `so_far` meanwhile."""
    rows, rotations, classes = boxes.rows, boxes.rotations, boxes.classes
    edge = spectra.band.edge
    line = (torch.arange(edge) - edge // 2).float()
    grid = torch.cartesian_prod(line, line, line)
    sums, weights = torch.zeros(count, edge, edge, edge, dtype=torch.complex64), torch.zeros(count, edge, edge, edge)
    for first in range(0, len(rows), BATCH):
        part = slice(first, first + BATCH)
        there = (grid @ rotations[part].mT + edge // 2) * (2 / (edge - 1)) - 1
        places = there.flip(-1).view(-1, edge, edge, edge, 3)
        volumes = spectra.volumes[rows[part]][:, None]
        turned = F.grid_sample(volumes, places, align_corners=True)[:, 0]
        measured = spectra.measured.expand(len(places), 1, edge, edge, edge)
        seen = F.grid_sample(measured, places, padding_mode="border", align_corners=True)[:, 0]
        sums.index_add_(0, classes[part], to_spectrum(turned))
        weights.index_add_(0, classes[part], seen)
        yield so_far
    return References(sums, weights, model, spectra.band.shell_grid())
