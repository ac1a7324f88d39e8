"""Layers from a manifold to plain features: signed distances to learned hyperplanes.

A gyroplane layer (Ganea et al. 2018) is the affine map of the Poincaré ball; the convolution sums one over the taps of
a kernel (Hsu et al. 2021, eq. 7). What it costs on a CPU is one scalar function per voxel, output and tap, so the sum
is written by hand: tap by tap in buffers that fit the cache, and nothing kept for the backward pass but its input.
"""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from napari_hypseg.geometry.manifolds.manifold import Manifold, PlaneActivation, hyperplane_values
from napari_hypseg.geometry.manifolds.poincare import PoincareBall

# Values (voxels × outputs) worked on at once: on a CPU what stays in its cache, elsewhere what keeps it busy.
CHUNK = {"cpu": 2**19}
CHUNK_ELSEWHERE = 2**25

Window = tuple[slice, slice, slice]


def gyroplane(z: Tensor, direction: Tensor, offset: Tensor, curvature: float) -> Tensor:
    """Signed distance to gyroplanes of the Poincaré ball, times the Riemannian length of their normals.

    Ganea et al. 2018, eq. 25, with p = exp_0(offset · direction/|direction|) and the normal at p the parallel transport
    of `direction`, after Shimizu et al. 2021, eq. 6. As the curvature falls to 0 it becomes
    4 (<direction, z> − offset |direction|).

    Parameters
    ----------
    z
        Points (…, d) of the ball.
    direction, offset
        Normals (m, d) and offsets (m,).
    curvature
        c > 0.

    Returns
    -------
    Tensor
        (…, m).
    """
    return hyperplane_values(PoincareBall(curvature), z, direction, offset)


def _windows(kernel_size: int, padded: Tensor) -> Iterator[Window]:
    """Where each tap of the kernel sees a `padded` (b, z, y, x, e) grid, in the order of the taps."""
    shape = [n - kernel_size + 1 for n in padded.shape[1:4]]
    for corner in itertools.product(range(kernel_size), repeat=3):
        z, y, x = (slice(start, start + n) for start, n in zip(corner, shape, strict=True))
        yield z, y, x


class _TapSum(torch.autograd.Function):
    """Σ over taps of magnitude · activation(<lifted, normal>): (b, z, y, x, e) padded -> (b, z, y, x, out)."""

    @staticmethod
    def forward(
        ctx: Any, lifted: Tensor, normals: Tensor, magnitudes: Tensor, kernel_size: int, activation: PlaneActivation
    ) -> Tensor:
        ctx.save_for_backward(lifted, normals, magnitudes)
        ctx.kernel_size, ctx.activation = kernel_size, activation
        shape = [n - kernel_size + 1 for n in lifted.shape[1:4]]
        total = lifted.new_zeros(len(lifted), *shape, normals.shape[1])
        for chunk, out in zip(*_chunks(lifted, total), strict=True):
            flat = out.view(-1, out.shape[-1])
            for window, normal, magnitude in zip(_windows(kernel_size, chunk), normals, magnitudes, strict=True):
                flat.addcmul_(activation.value(_seen(chunk, window) @ normal.T), magnitude)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        lifted, normals, magnitudes = ctx.saved_tensors
        to_lifted, to_normals, to_magnitudes = (torch.zeros_like(t) for t in (lifted, normals, magnitudes))
        chunks = zip(*_chunks(lifted, gradient.contiguous(), to_lifted), strict=True)
        for chunk, given, to_chunk in chunks:
            flat = given.reshape(-1, given.shape[-1])
            for tap, window in enumerate(_windows(ctx.kernel_size, chunk)):
                seen = _seen(chunk, window)
                value, slope = ctx.activation.with_slope(seen @ normals[tap].T)
                to_magnitudes[tap] += value.mul_(flat).sum(0)
                slope = slope.mul_(flat)
                to_normals[tap] += (seen.T @ slope).T
                to_seen = slope @ (normals[tap] * magnitudes[tap].unsqueeze(-1))
                to_chunk[:, *window] += to_seen.view(*given.shape[:-1], -1)
        return to_lifted, to_normals * magnitudes.unsqueeze(-1), to_magnitudes, None, None


def _seen(padded: Tensor, window: Window) -> Tensor:
    """Rows (voxels, e) of `padded` (b, z, y, x, e) in a window."""
    return padded[:, *window].reshape(-1, padded.shape[-1])


def _chunks(lifted: Tensor, values: Tensor, *others: Tensor) -> list[tuple[Tensor, ...]]:
    """Split the batch axis of all tensors alike, so that one part of `values` is about one `CHUNK`."""
    size = max(1, CHUNK.get(lifted.device.type, CHUNK_ELSEWHERE) // max(1, values[0].numel()))
    return [tensor.split(size) for tensor in (lifted, values, *others)]


class GyroplaneConv3d(nn.Module):
    """Convolution over a grid of points of a manifold: a hyperplane per tap and output channel, summed over the taps.

    Output channel o at voxel v is Σ_t g(z[v + t]) with g the signed distance to the hyperplane of direction
    ``weight[o, :, t]`` through ``expmap0(offset[o] · unit direction)``, times the length of the normal. On flat space
    it is a plain convolution with bias −offset Σ_t |weight_t|; on the ball it becomes one as c → 0, with 4 times the
    weight. The grid keeps its size: outside of it the points are the origin, as zero padding is on flat space.

    Parameters
    ----------
    latent_dim
        Dimension d of the manifold; a point has ``manifold.ambient_dim(latent_dim)`` numbers.
    out_channels
        Features out.
    kernel_size
        Odd edge of the cubic kernel; 1 gives the gyroplane layer at every voxel.
    manifold
        Where the points lie.
    generator
        Source of the first weights; torch's own by default.
    """

    def __init__(
        self,
        latent_dim: int,
        out_channels: int,
        kernel_size: int = 3,
        *,
        manifold: Manifold,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd to keep the grid's size, not {kernel_size}")
        self.manifold = manifold
        self.kernel_size = kernel_size
        self.weight = nn.Parameter(torch.empty(out_channels, latent_dim, *[kernel_size] * 3))
        self.offset = nn.Parameter(torch.zeros(out_channels))
        self.reset_parameters(generator)

    @torch.no_grad()
    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw directions such that points at geodesic distance about 1 of the origin give outputs of variance 1."""
        axis = torch.eye(1, self.weight.shape[1])
        origin = self.manifold.expmap0(torch.zeros(1, self.manifold.ambient_dim(axis.shape[1])))
        point = self.manifold.expmap0(self.manifold.from_frame(origin, axis))
        value = hyperplane_values(self.manifold, point, axis, torch.zeros(1))
        slope = float(value / self.manifold.dist(origin, point))
        std = 1 / (slope * math.sqrt(self.kernel_size**3))
        self.weight.normal_(0, std, generator=generator)
        self.offset.zero_()

    def forward(self, z: Tensor) -> Tensor:
        """Map points (b, e, z, y, x) of the manifold to features (b, out_channels, z, y, x), in float32 at least."""
        with torch.autocast(z.device.type, enabled=False):
            points = z.movedim(1, -1).to(torch.promote_types(z.dtype, self.weight.dtype))
            return self._values(points).movedim(-1, 1)

    def _values(self, points: Tensor) -> Tensor:
        lifted = self.manifold.lift(self._padded(points))
        taps = self.weight.flatten(2).permute(2, 0, 1)
        normals, magnitudes = self.manifold.hyperplanes(taps.flatten(0, 1), self.offset.repeat(len(taps)))
        values: Tensor = _TapSum.apply(  # type: ignore[no-untyped-call]
            lifted,
            normals.unflatten(0, taps.shape[:2]),
            magnitudes.unflatten(0, taps.shape[:2]),
            self.kernel_size,
            self.manifold.plane_activation,
        )
        return values

    def _padded(self, points: Tensor) -> Tensor:
        """Surround a grid (b, z, y, x, d) with the origin, half a kernel wide."""
        origin = self.manifold.expmap0(torch.zeros_like(points[0, 0, 0, 0]))
        width = self.kernel_size // 2
        return nn.functional.pad(points - origin, (0, 0, *[width] * 6)) + origin
