"""Families of posteriors: from the outputs of an encoder to a posterior, with its prior and divergence.

A family is chosen by name and composed with a manifold. All take widths relative to the prior, in (0, 1]: a posterior
as wide as the prior carries no information, and little beyond it float32 no longer resolves a curved space.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from torch import Tensor

from napari_hypseg.geometry.distributions.distribution import Distribution, Posterior
from napari_hypseg.geometry.distributions.isotropic import IsotropicDistribution, to_float64
from napari_hypseg.geometry.distributions.power_spherical import power_spherical
from napari_hypseg.geometry.distributions.riemannian_normal import RiemannianNormalRadius
from napari_hypseg.geometry.distributions.uniform import UniformSphere
from napari_hypseg.geometry.distributions.von_mises_fisher import von_mises_fisher
from napari_hypseg.geometry.distributions.wrapped_normal import WrappedNormal
from napari_hypseg.geometry.manifolds.manifold import Manifold

TYPICAL_RADIUS_FRACTION = math.sqrt(0.5)
"""Share of the manifold's safe radius that the typical radius of a prior keeps to; its scale is 1 where that allows."""

P = TypeVar("P", bound=Posterior)


@dataclass(frozen=True)
class PosteriorFamily(Generic[P]):
    """Posterior from a location and widths, with prior and divergence.

    Parameters
    ----------
    n_widths
        From the dimension d of the manifold to how many widths a posterior has.
    posterior
        From manifold, locations (…, e) and widths (…, n_widths) in (0, 1] to the posterior.
    prior
        From manifold and locations (…, e), for their shape, to the prior.
    divergence
        KL(posterior ‖ prior) (…), from both, a draw (…, e) of the posterior and its log-density (…).
    """

    n_widths: Callable[[int], int]
    posterior: Callable[[Manifold, Tensor, Tensor], P]
    prior: Callable[[Manifold, Tensor], Distribution]
    divergence: Callable[[P, Distribution, Tensor, Tensor], Tensor]


def _origin(manifold: Manifold, like: Tensor) -> Tensor:
    return manifold.expmap0(like.new_zeros(like.shape[-1]))


def _monte_carlo_kl(_: Posterior, prior: Distribution, z: Tensor, log_prob: Tensor) -> Tensor:
    """The log-ratio at the draw."""
    return log_prob - prior.log_prob(z)


def _closed_form_kl(posterior: IsotropicDistribution, prior: Distribution, z: Tensor, _: Tensor) -> Tensor:
    """With the posterior's exact entropy; altogether exact for a prior of constant density."""
    return posterior.negentropy() - prior.log_prob(z)


def wrapped_normal_prior_scale(manifold: Manifold, dim: int) -> float:
    """Scale of the wrapped normal prior, whose typical radius is √d times that."""
    return min(1.0, TYPICAL_RADIUS_FRACTION * manifold.safe_radius / math.sqrt(dim))


def _wrapped(manifold: Manifold, loc: Tensor, widths: Tensor) -> WrappedNormal:
    return WrappedNormal(manifold, loc, wrapped_normal_prior_scale(manifold, widths.shape[-1]) * widths)


def _wrapped_prior(manifold: Manifold, loc: Tensor) -> WrappedNormal:
    scale = loc.new_tensor(wrapped_normal_prior_scale(manifold, loc.shape[-1]))
    return WrappedNormal(manifold, _origin(manifold, loc).expand_as(loc), scale)


def _normal_kl(posterior: WrappedNormal, prior: Distribution, z: Tensor, log_prob: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) on flat space (Kingma and Welling 2014, appendix B)."""
    loc, scale = posterior.loc, posterior.scale
    return 0.5 * (loc.square() + scale.square() - 1 - 2 * scale.log()).sum(-1)


def riemannian_normal_prior_scale(manifold: Manifold, dim: int) -> float:
    """Scale σ of the Riemannian normal prior, whose most likely radius r is where r tanh(√c r) = √c (d − 1) σ²."""
    radius, root = TYPICAL_RADIUS_FRACTION * manifold.safe_radius, math.sqrt(manifold.curvature)
    return min(1.0, math.sqrt(radius * math.tanh(root * radius) / (root * (dim - 1))))


def _riemannian(manifold: Manifold, loc: Tensor, widths: Tensor) -> IsotropicDistribution:
    dim = loc.shape[-1]
    scale = riemannian_normal_prior_scale(manifold, dim) * to_float64(widths.squeeze(-1))
    return IsotropicDistribution(
        manifold, loc, RiemannianNormalRadius(dim, manifold.curvature), scale.square().reciprocal()
    )


def _riemannian_prior(manifold: Manifold, loc: Tensor) -> IsotropicDistribution:
    return _riemannian(manifold, _origin(manifold, loc).expand_as(loc), loc.new_ones(1))


def _fisher(_: Manifold, loc: Tensor, widths: Tensor) -> IsotropicDistribution:
    """Concentration 1/w² − 1: the width is the standard deviation of a small angle, and 1 is the uniform density."""
    return von_mises_fisher(loc, widths.squeeze(-1).square().reciprocal() - 1)


def _power(_: Manifold, loc: Tensor, widths: Tensor) -> IsotropicDistribution:
    """Concentration 2 (1/w² − 1), which makes it about as wide as the von Mises-Fisher distribution."""
    return power_spherical(loc, 2 * (widths.squeeze(-1).square().reciprocal() - 1))


def _uniform(_: Manifold, loc: Tensor) -> UniformSphere:
    return UniformSphere(loc)


def _one(_: int) -> int:
    return 1


POSTERIORS: Mapping[str, PosteriorFamily[Any]] = {
    "normal": PosteriorFamily(lambda dim: dim, _wrapped, _wrapped_prior, _normal_kl),
    "wrapped-normal": PosteriorFamily(lambda dim: dim, _wrapped, _wrapped_prior, _monte_carlo_kl),
    "riemannian-normal": PosteriorFamily(_one, _riemannian, _riemannian_prior, _closed_form_kl),
    "von-mises-fisher": PosteriorFamily(_one, _fisher, _uniform, _closed_form_kl),
    "power-spherical": PosteriorFamily(_one, _power, _uniform, _closed_form_kl),
}
"""The families by the name they have in the settings; which manifold has which of them is said by its method.

The normal is the wrapped normal of flat space, with its divergence in closed form.
"""
