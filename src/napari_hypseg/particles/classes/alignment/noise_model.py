"""How strong noise and signal are on each shell of frequencies, learned from the boxes themselves."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.particles.classes.alignment.box_spectra import BoxSpectra
from napari_hypseg.particles.classes.alignment.measured_band import MeasuredBand

LEAST_SIGNAL, LEAST_NOISE = 1e-2, 1e-3
"""Of the power on a shell, so that neither is ever taken for nothing."""
KNOWN = 0.5
"""A reference tells the noise where its own variance is less than this share of it."""


@dataclass(frozen=True, eq=False)
class NoiseModel:
    """Variances of noise and signal, each float32 (S,) by shell."""

    noise: Tensor
    signal: Tensor

    def noise_of(self, band: MeasuredBand) -> Tensor:
        """float32 (D,): variance of the noise of each frequency."""
        return self.noise[band.shells]


def first_noise_model(spectra: BoxSpectra) -> NoiseModel:
    """Noise as strong as what is outside the mask, of which the median leaves neighbours aside."""
    band = spectra.band
    power = band.shell_means(spectra.values.abs().square().mean(0))
    noise = band.shell_means(spectra.background.median(0).values / math.log(2))
    return _bounded(noise, power - noise, power)


def updated_noise_model(spectra: BoxSpectra, means: Tensor, variances: Tensor, before: NoiseModel) -> NoiseModel:
    """The model after what references leave unexplained, and what they explain.

    Parameters
    ----------
    spectra
        The boxes.
    means, variances
        complex64 and float32 (n, D): the reference of each box as it lies in it, and how little is known of it.
    before
        Kept on shells of which no reference knows enough.
    """
    band = spectra.band
    known = (variances < KNOWN * before.noise_of(band)).float()
    rest = (spectra.values - means).abs().square() * known
    count = band.shell_means(known.mean(0))
    enough = count > 1e-3
    noise = band.shell_means(rest.mean(0)) / count.clamp_min(1e-3)
    signal = band.shell_means((means.abs().square() * known).mean(0)) / count.clamp_min(1e-3)
    power = band.shell_means(spectra.values.abs().square().mean(0))
    return _bounded(torch.where(enough, noise, before.noise), torch.where(enough, signal, before.signal), power)


def _bounded(noise: Tensor, signal: Tensor, power: Tensor) -> NoiseModel:
    return NoiseModel(torch.maximum(noise, LEAST_NOISE * power), torch.maximum(signal, LEAST_SIGNAL * power))
