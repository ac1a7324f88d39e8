"""Balls, dtypes and points that the geometry tests run over."""

import pytest
import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.poincare import PoincareBall


class Points:
    """Random points and vectors of one ball, drawn by geodesic length."""

    def __init__(self, ball: PoincareBall, dtype: torch.dtype, seed: int) -> None:
        self.ball = ball
        self.dtype = dtype
        self.generator = torch.Generator().manual_seed(seed)
        self.tolerance = {torch.float32: 2e-4, torch.float64: 1e-9}[dtype]

    def vector(self, *shape: int, length: float = 1.0) -> Tensor:
        """Vectors whose lengths at the origin are about `length` in units of the curvature's own scale."""
        raw = torch.randn(*shape, generator=self.generator, dtype=self.dtype)
        return raw * (length / (2 * self.ball.curvature**0.5 * shape[-1] ** 0.5))

    def point(self, *shape: int, length: float = 1.5) -> Tensor:
        """Points about `length` from the origin."""
        return self.ball.expmap0(self.vector(*shape, length=length))

    def near(self, a: Tensor, b: Tensor, slack: float = 1.0) -> None:
        """Assert that two tensors agree to the tolerance of the dtype."""
        torch.testing.assert_close(a, b, rtol=slack * self.tolerance, atol=slack * self.tolerance)


@pytest.fixture(params=[0.1, 1.0, 2.0], ids=lambda c: f"c{c}")
def ball(request: pytest.FixtureRequest) -> PoincareBall:
    return PoincareBall(request.param)


@pytest.fixture(params=[torch.float32, torch.float64], ids=["f32", "f64"])
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    return request.param


@pytest.fixture(params=[0, 1], ids=["seed0", "seed1"])
def points(request: pytest.FixtureRequest, ball: PoincareBall, dtype: torch.dtype) -> Points:
    return Points(ball, dtype, request.param)
