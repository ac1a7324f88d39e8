"""The wrapped normal: a normal of the tangent space, wrapped onto the manifold."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold


@dataclass(frozen=True, eq=False)
class WrappedNormal:
    """A normal in the tangent space at the origin, transported to `loc` and wrapped by the exponential map.

    Nagano et al. 2019, algorithm 1; on flat space it is the diagonal normal. Sampler and density use the same
    transported orthonormal frame, so that a scale that differs between directions means the same to both.

    Parameters
    ----------
    manifold
        Manifold of the points.
    loc
        Points (…, d).
    scale
        Standard deviations > 0 in units of geodesic length, broadcasting against `loc`: (…, d), (…, 1) or ().
    """

    manifold: Manifold
    loc: Tensor
    scale: Tensor

    def rsample(self, generator: torch.Generator | None, n: int | None = None) -> Tensor:
        """Reparameterised draw (…, d), or (n, …, d), with noise from `generator` on the device of `loc`."""
        return self.rsample_with_log_prob(generator, n)[0]

    def rsample_with_log_prob(self, generator: torch.Generator | None, n: int | None = None) -> tuple[Tensor, Tensor]:
        """A draw and its log-density, taken from the noise itself.

        `log_prob` has to find the noise again from points that float32 has rounded; near the rim of the ball, with a
        small scale, that rounding is many standard deviations.
        """
        shape = self.loc.shape if n is None else (n, *self.loc.shape)
        noise = torch.randn(shape, generator=generator, dtype=self.loc.dtype, device=self.loc.device)
        u = noise * self.scale
        z = self.manifold.expmap(self.loc, self.manifold.from_frame(self.loc, u))
        return z, self._log_density(noise, u)

    def log_prob(self, z: Tensor) -> Tensor:
        """Log N(u; 0, scale²) − logdetexp(u), with u the frame coordinates of log_loc(z) (Nagano et al., eq. 10)."""
        u = self.manifold.to_frame(self.loc, self.manifold.logmap(self.loc, z))
        return self._log_density(u / self.scale, u)

    def _log_density(self, noise: Tensor, u: Tensor) -> Tensor:
        normal = -0.5 * noise.square() - self.scale.log() - 0.5 * math.log(2 * math.pi)
        return normal.sum(-1) - self.manifold.logdetexp(u)
