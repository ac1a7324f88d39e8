"""Labels of neighbouring voxels agree: a Markov random field whose posterior is approximated by its mean field."""

from collections.abc import Sequence

import torch
from torch import Tensor

from napari_hypseg.volumes.volume import Vector3

ROUNDS = 2
"""Rounds of updating; more of them change few voxels."""


def mean_field(log_joint: Tensor, coupling: float, edges: Vector3) -> Tensor:
    """Logarithm (labels, z, y, x), up to a constant, of the probabilities of labels given those of their neighbours.

    A Potts model: the energy of neighbours with different labels is the area of the face between them. A voxel with its
    six neighbours has qⱼ(s) ∝ p(xⱼ, s) exp(β Σᵢ wᵢ qᵢ(s)), with weights wᵢ that sum to 1, and is updated `ROUNDS` times
    (Zhang, Brady and Smith 2001; Van Leemput et al. 1999).

    Parameters
    ----------
    log_joint
        Logarithm (labels, z, y, x) of p(xⱼ, s); a margin of `ROUNDS` voxels on every side is only looked at.
    coupling
        β; how much likelier a label is where all neighbours have it.
    edges
        Of a voxel (z, y, x), in any unit: a face between near neighbours is large.
    """
    inverse = torch.tensor(edges, dtype=log_joint.dtype).reciprocal()
    weights = (0.5 * coupling * inverse / inverse.sum()).tolist()
    joint = log_joint
    for _ in range(ROUNDS):
        log_joint = log_joint[:, 1:-1, 1:-1, 1:-1]
        joint = log_joint + _neighbours(joint.softmax(dim=0), weights)
    return joint


def _neighbours(values: Tensor, weights: Sequence[float]) -> Tensor:
    """Weighted sums (labels, z, y, x) of the two neighbours along each axis, without the outermost voxels."""
    total = torch.zeros_like(values[:, 1:-1, 1:-1, 1:-1])
    for axis, weight in enumerate(weights, 1):
        inside = values
        for other in {1, 2, 3} - {axis}:
            inside = inside.narrow(other, 1, inside.shape[other] - 2)
        n = total.shape[axis]
        total.add_(inside.narrow(axis, 0, n), alpha=weight).add_(inside.narrow(axis, 2, n), alpha=weight)
    return total
