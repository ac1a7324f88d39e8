"""Signed distances to hyperplanes, in the one form that all manifolds of the family share.

On each of them the signed distance of z to a hyperplane is ``bend(<lift(z), normal>)``: linear in lifted coordinates,
then one scalar function. A layer over many hyperplanes is therefore a matrix product and an elementwise function,
and whoever writes that layer needs to know neither the manifold nor its curvature.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from napari_hypseg.geometry.radial import asinh, asinh_with_slope

if TYPE_CHECKING:
    from napari_hypseg.geometry.manifold import Manifold


@dataclass(frozen=True)
class Bend:
    """A scalar function: once for autograd, once together with its derivative for hand-written backward passes."""

    value: Callable[[Tensor], Tensor]
    with_slope: Callable[[Tensor], tuple[Tensor, Tensor]]


ASINH = Bend(asinh, asinh_with_slope)
STRAIGHT = Bend(lambda u: u, lambda u: (u, torch.ones_like(u)))


def hyperplane_values(manifold: "Manifold", z: Tensor, direction: Tensor, offset: Tensor) -> Tensor:
    """Signed distance of `z` to hyperplanes, times the length of their normals.

    Parameters
    ----------
    manifold
        Where `z` lies.
    z
        Points (…, d).
    direction
        Normals (m, d) in frame coordinates at the origin, up to a factor; the hyperplane's own normal is its
        parallel transport.
    offset
        (m,); hyperplane i passes through ``expmap0(offset_i * direction_i / |direction_i|)``.

    Returns
    -------
    Tensor
        (…, m), positive on the side to which the normal points.
    """
    normals, magnitudes = manifold.hyperplanes(direction, offset)
    return magnitudes * manifold.bend.value(manifold.lift(z) @ normals.T)
