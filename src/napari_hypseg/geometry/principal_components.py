"""Principal components of points on a manifold, in the tangent space at the origin."""

from dataclasses import dataclass

import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """Orthonormal directions of the tangent space at the origin.

    Parameters
    ----------
    mean
        (d,) of the points they were fitted to, as tangent vectors.
    directions
        (n, d), those along which the points vary most first; the largest coordinate of each is positive.
    shares
        (n,) of the variance of the points that lies along each direction, in [0, 1].
    """

    mean: Tensor
    directions: Tensor
    shares: Tensor

    def of(self, points: Tensor, manifold: Manifold) -> Tensor:
        """Coordinates (n, …) of points (…, d), in lengths on the manifold; 0 is the mean."""
        mean, directions = self.mean.to(points.device), self.directions.to(points.device)
        return ((tangent_vectors(points, manifold) - mean) @ directions.T).movedim(-1, 0)


def tangent_vectors(points: Tensor, manifold: Manifold) -> Tensor:
    """Tangent vectors (…, d) at the origin of points (…, d), in an orthonormal frame."""
    vectors = manifold.logmap0(points)
    return manifold.to_frame(manifold.expmap0(torch.zeros_like(vectors)), vectors)


def fit_principal_components(points: Tensor, count: int, manifold: Manifold) -> PrincipalComponents:
    """The first `count` principal components of points (n, d)."""
    vectors = tangent_vectors(points, manifold).double()
    mean = vectors.mean(dim=0)
    centred = vectors - mean
    variances, directions = torch.linalg.eigh(centred.T @ centred / max(1, len(points) - 1))
    chosen = directions.T.flip(0)[:count]
    largest = chosen.gather(1, chosen.abs().argmax(dim=1, keepdim=True))
    shares = variances.flip(0).clamp_min(0) / variances.clamp_min(0).sum().clamp_min(torch.finfo(torch.float64).tiny)
    return PrincipalComponents(mean.float(), (chosen * largest.sign()).float(), shares[:count].float())
