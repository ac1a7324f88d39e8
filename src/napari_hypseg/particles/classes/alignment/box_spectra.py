"""Boxes as they are compared: moved to where their content was found, masked, and transformed."""

import copy
import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.particles.classes.alignment.measured_band import MeasuredBand
from napari_hypseg.particles.classes.alignment.missing_wedge import measured_frequencies

SOFT = 2.0
"""Voxels over which the mask falls off."""
AXES = (-3, -2, -1)
BATCH = 32
"""Boxes moved at once."""


def to_spectrum(volumes: Tensor) -> Tensor:
    """Spectra of volumes (…, E, E, E) about voxel E // 2, with the mean in the middle."""
    spectra: Tensor = torch.fft.fftn(torch.fft.ifftshift(volumes, dim=AXES), dim=AXES)
    return torch.roll(spectra, [n // 2 for n in spectra.shape[-3:]], AXES)


def from_spectrum(spectra: Tensor) -> Tensor:
    """Volumes (…, E, E, E) of such spectra."""
    volumes: Tensor = torch.fft.ifftn(torch.fft.ifftshift(spectra, dim=AXES), dim=AXES).real
    return torch.roll(volumes, [n // 2 for n in volumes.shape[-3:]], AXES)


def soft_ball(edge: int, radius: float) -> Tensor:
    """Weights (E, E, E) from 1 within `radius` voxels of voxel E // 2 to 0."""
    line = (torch.arange(edge) - edge // 2).float()
    z, y, x = torch.meshgrid(line, line, line, indexing="ij")
    return ((radius - (z * z + y * y + x * x).sqrt()) / SOFT + 0.5).clamp(0, 1)


class BoxSpectra:
    """Spectra of n boxes, which change as their middles are moved.

    Parameters
    ----------
    boxes
        float32 (n, E, E, E); their mean and strength do not matter.
    band
        Frequencies that are compared.
    tilt_range
        Degrees to either side about the axis y.
    mask_radius
        What is farther from the middle, in voxels, does not count.
    reach
        Voxels along each axis by which a middle may be moved.
    """

    def __init__(
        self, boxes: npt.NDArray[np.float32], band: MeasuredBand, tilt_range: float, mask_radius: float, reach: float
    ) -> None:
        self.band, self.reach = band, reach
        values = torch.from_numpy(boxes)
        centred = values - values.mean(AXES, keepdim=True)
        self._whole = torch.fft.fftn(centred / centred.std().clamp_min(1e-12), dim=AXES)
        self.mask = soft_ball(band.edge, mask_radius)
        self.measured = torch.fft.fftshift(torch.from_numpy(measured_frequencies((band.edge,) * 3, tilt_range)))
        self.offsets = torch.zeros(len(boxes), 3)
        self.volumes, self.background = torch.zeros(0, *self.mask.shape), torch.zeros(0, len(band.places))
        self.values = self.background.to(torch.complex64)

    def __len__(self) -> int:
        return len(self.offsets)

    def take(self, rows: Tensor) -> "BoxSpectra":
        """Some of the boxes, `rows` (m,), which may be moved by themselves."""
        part = copy.copy(self)
        for name in ("_whole", "offsets", "volumes", "values", "background"):
            setattr(part, name, getattr(self, name)[rows])
        return part

    def move_job(self, by: Tensor, so_far: Progress) -> Job[None]:
        """Take the content of each box to be further off its middle by `by` (n, 3) voxels, and transform it there.

        It has to be done once, by nothing, before `volumes`, `values` and `background` are there.
        """
        self.offsets = (self.offsets + by).clamp(-self.reach, self.reach)
        volumes, values, background = [], [], [self.background]
        for first in range(0, len(self), BATCH):
            moved = self._moved(slice(first, first + BATCH))
            volumes.append(moved * self.mask)
            values.append(self._compared(volumes[-1]))
            if not len(self.background):  # told once, before anything is known of the content
                background.append(self._background(moved))
            yield so_far
        self.volumes, self.values, self.background = (torch.cat(parts) for parts in (volumes, values, background))

    def _moved(self, rows: slice) -> Tensor:
        turns = torch.fft.fftfreq(self.band.edge)
        phases = [torch.exp(2j * math.pi * turns * along[:, None]) for along in self.offsets[rows].unbind(1)]
        phase = phases[0][:, :, None, None] * phases[1][:, None, :, None] * phases[2][:, None, None, :]
        volumes: Tensor = torch.fft.ifftn(self._whole[rows] * phase, dim=AXES).real
        return volumes

    def _background(self, volumes: Tensor) -> Tensor:
        """Power of what is outside the mask, as strong as it would be inside."""
        outside = 1 - self.mask
        share = self.mask.square().sum() / outside.square().sum().clamp_min(1e-6)
        return self._compared(volumes * outside).abs().square() * share

    def _compared(self, volumes: Tensor) -> Tensor:
        spectra: Tensor = torch.fft.fftn(torch.fft.ifftshift(volumes, dim=AXES), dim=AXES)
        return spectra.flatten(1)[:, self.band.places]
