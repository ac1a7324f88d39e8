"""Radial functions of the sphere, smooth at 0 in value and gradient; they take the square, too."""

import math
from typing import Any

import torch
from torch import Tensor

# Below s = 0.25 five terms of the series are exact to 1e-14.
SERIES_LIMIT = 0.25**2
# At ±1 the derivative of the arc sine is infinite; it is evaluated at this distance from there, about the square root
# of the resolution of the dtype. Along the sphere the derivative stays below 1 all the same.
EDGE = {torch.float32: 1e-6, torch.float64: 1e-14}


def _root(square: Tensor) -> Tensor:
    return square.clamp_min(torch.finfo(square.dtype).eps).sqrt()


def cosine(square: Tensor) -> Tensor:
    """``cos(s)`` for ``s² = square >= 0``."""
    return _root(square).cos()


def sinc(square: Tensor) -> Tensor:
    """``sin(s) / s`` for ``s² = square >= 0``."""
    s = _root(square)
    return s.sin() / s


def log_sinc(square: Tensor) -> Tensor:
    """``log(sin(s) / s)`` for ``s² = square`` in [0, π²): a series near 0, finite at π."""
    near = square.clamp_max(SERIES_LIMIT)
    series = -near * (1 / 6 + near * (1 / 180 + near * (1 / 2835 + near * (1 / 37800 + near / 467775))))
    s = square.clamp(SERIES_LIMIT, (math.pi * (1 - torch.finfo(square.dtype).eps)) ** 2).sqrt()
    return torch.where(square < SERIES_LIMIT, series, s.sin().log() - s.log())


class _Asin(torch.autograd.Function):
    """Arc sine of what rounding may have pushed beyond ±1, with a slope that stays finite there."""

    @staticmethod
    def forward(ctx: Any, u: Tensor) -> Tensor:
        ctx.save_for_backward(u)
        return u.clamp(-1, 1).asin_()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient * _slope(ctx.saved_tensors[0])


def _slope(u: Tensor) -> Tensor:
    return (1 - u * u).clamp_min_(EDGE[u.dtype]).rsqrt_()


def asin(u: Tensor) -> Tensor:
    """Arc sine for any `u`, constant beyond ±1."""
    value: Tensor = _Asin.apply(u)  # type: ignore[no-untyped-call]
    return value


def asin_with_slope(u: Tensor) -> tuple[Tensor, Tensor]:
    """Arc sine and its derivative, outside of autograd."""
    return u.clamp(-1, 1).asin_(), _slope(u)
