"""Evidence for the sample: features that change along the axes of a volume and yet correlate from slice to slice.

Noise changes but does not correlate; walls, rings and medium correlate but do not change.
"""

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.nn.slice_encoder import SliceEncoder

Array = npt.NDArray[np.float32]
DRAWS = 8
BATCH = 16
SMOOTH = 1.5
"""Cells: standard deviation of the Gaussian that pools the evidence."""


def slices_along(volume: Tensor, axis: int) -> Tensor:
    """Slices (n, c, rows, columns) of `volume` (c, z, y, x) along `axis` (0 is z)."""
    return volume.movedim(axis + 1, 0)


def plain_coherence(volume: Tensor, axis: int) -> Array:
    """Agreement of adjacent slices of the volume itself, (z, y, x)."""
    return _on_grid(_agreement(slices_along(volume, axis)), volume, axis)


def dropout_coherence(encoder: SliceEncoder, volume: Tensor, axis: int, generator: torch.Generator) -> Array:
    """Variance under dropout of the super-pixel embeddings that adjacent slices share, (z, y, x).

    In each draw the same channels are dropped in every slice; what all slices have in common at a place is taken
    away first. The covariance between neighbours replaces the variance of one slice, to which noise adds.
    """
    state = torch.get_rng_state()
    torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
    encoder.enable_mc_dropout(shared=True)
    slices = slices_along(volume, axis)
    with torch.no_grad():
        total = torch.stack([_draw(encoder, slices) for _ in range(DRAWS)])
    encoder.enable_mc_dropout(shared=False)
    torch.set_rng_state(state)
    shared = torch.stack([_agreement(draw) for draw in total]).mean(0)
    return _on_grid(shared, volume, axis)


def _draw(encoder: SliceEncoder, slices: Tensor) -> Tensor:
    """Embeddings (n, c, y, x) of all slices under one dropout."""
    state = torch.get_rng_state()
    parts = []
    for batch in slices.split(BATCH):
        torch.set_rng_state(state)
        parts.append(encoder(batch))
    return torch.cat(parts)


def _agreement(features: Tensor) -> Tensor:
    """Mean product (n, y, x) of adjacent slices of `features` (n, c, y, x), without what all slices share."""
    if len(features) < 3:
        return features.new_zeros(len(features), *features.shape[2:])
    changing = features - features.median(0, keepdim=True).values
    changing = changing / changing.square().mean((0, 2, 3), keepdim=True).sqrt().clamp(min=1e-6)
    pairs = (changing[1:] * changing[:-1]).mean(1)
    return torch.cat([pairs[:1], (pairs[1:] + pairs[:-1]) / 2, pairs[-1:]])


def _on_grid(evidence: Tensor, volume: Tensor, axis: int) -> Array:
    """Evidence (n, rows, columns) on the grid of `volume`, smoothed, as (z, y, x)."""
    size = [n for other, n in enumerate(volume.shape[1:]) if other != axis]
    if list(evidence.shape[1:]) != size:
        evidence = F.interpolate(evidence[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]
    smooth = ndimage.gaussian_filter(evidence.cpu().numpy(), SMOOTH, mode="nearest")
    return np.ascontiguousarray(np.moveaxis(smooth, 0, axis))


def combine(maps: list[Array]) -> Array:
    """Geometric mean of maps: high only where all of them are; each is brought to a mean of 1 over what is above 0."""
    scaled = [np.maximum(one, 0) / max(float(one[one > 0].mean()) if (one > 0).any() else 1.0, 1e-12) for one in maps]
    product: Array = np.exp(np.mean([np.log(np.maximum(one, 1e-4)) for one in scaled], axis=0)).astype(np.float32)
    return product
