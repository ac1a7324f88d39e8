"""Squared distances between two sets of vectors without the (N, K, d) array in between."""

from typing import Any

import torch
from torch import Tensor


class _SquaredDistances(torch.autograd.Function):
    """Forward from true differences, because |x|² + |y|² − 2<x, y> loses every digit near the rim of the ball.

    Backward by matrix products: there the cancellation is only that of the sum itself, and it runs on every device.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        ctx.save_for_backward(x, y)
        return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist").square_()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, y = ctx.saved_tensors
        to_x = 2 * (x * gradient.sum(1, keepdim=True) - gradient @ y)
        to_y = 2 * (y * gradient.sum(0).unsqueeze(1) - gradient.T @ x)
        return to_x, to_y


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """Squared Euclidean distances (N, K) between `x` (N, d) and `y` (K, d), differentiable once."""
    squares: Tensor = _SquaredDistances.apply(x, y)  # type: ignore[no-untyped-call]
    return squares
