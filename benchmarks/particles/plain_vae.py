"""The plain VAE of the comparison: every pixel is an output of its own (Bepler et al., section 4.1)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from napari_hypseg.nn.latent import Latent
from napari_hypseg.nn.losses import LossOutput
from napari_hypseg.nn.model import TrainableModel
from napari_hypseg.nn.spatial.image_encoders import FlatEncoder
from napari_hypseg.nn.spatial.likelihoods import Likelihood


class PlainVAE(TrainableModel):
    """Multilayer perceptrons with tanh from an image to a latent point and back.

    Parameters
    ----------
    shape
        Of an image.
    latent
        Manifold, posterior, prior and divergence.
    width, layers
        Units of a hidden layer and number of hidden layers, of both networks.
    likelihood
        Distribution of a value.
    """

    cpu_batch = 4096

    def __init__(self, shape: Sequence[int], latent: Latent, width: int, layers: int, likelihood: Likelihood) -> None:
        super().__init__()
        self.latent, self.likelihood, self.pixels = latent, likelihood, math.prod(shape)
        self.encoder = FlatEncoder(shape, width, layers, latent.n_outputs)
        self.generator = FlatEncoder((latent.latent_dim,), width, layers, likelihood.n_outputs * self.pixels)

    def optimiser(self, rate: float) -> torch.optim.Optimizer:
        """Adam, as published."""
        return torch.optim.Adam(self.parameters(), lr=rate)

    def loss(self, x: Tensor, generator: torch.Generator) -> LossOutput:
        """Negative evidence lower bound of images (b, y, x), in nats a pixel."""
        tangent, width = self.encoder(x).tensor_split([self.latent.latent_dim], dim=-1)
        z, kl = self.latent.sample(self.latent.posterior(tangent, width), generator)
        outputs = self.generator(z).view(len(x), self.pixels, -1)
        log_prob = self.likelihood.log_prob(outputs, x.flatten(1)).mean()
        terms = {"reconstruction": -log_prob, "kl": kl.mean() / self.pixels}
        return LossOutput(terms["reconstruction"] + terms["kl"], terms)

    @torch.no_grad()
    def points(self, x: Tensor) -> Tensor:
        """Locations (b, d) of images (b, y, x)."""
        return self.latent.to_point(self.encoder(x)[:, : self.latent.latent_dim])
