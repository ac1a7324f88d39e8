"""Features without learning of volumes whose features do not fit in memory: tile by tile, kept as short numbers."""

from collections.abc import Callable, Iterator
from math import ceil, sqrt

import torch
from torch import Tensor

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.blocks import Block, iter_blocks
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen

EDGE = 128
"""Voxels: a tile holds EDGE³, and is no deeper than this. 26 features of one with its halo need 1 GB."""
STRIDE = 4
"""Tiles begin at its multiples: the widest Gaussians are computed on means over 4³ voxels, the same in every tile."""
HALO = 40
"""Voxels around a tile; beyond them the widest Gaussian of the filter bank, of 14 voxels, has 0.4 % of its mass."""


def tiled_features(compute: Callable[[Tensor], Tensor], specimen: Specimen) -> Job[Tensor]:
    """Features (z, y, x, f) of a specimen's voxels, float16 on the CPU.

    Each has mean 0 and standard deviation 1 over the voxels that count. Half precision, three digits, is more than
    enough to tell groups apart, and halves the memory: 2 bytes for each feature of each voxel.

    Parameters
    ----------
    compute
        From standardised grey values (c, z, y, x), 0 where nothing counts, to features (f, z, y, x); what is farther
        away than the halo of a tile must not matter to it.
    """
    intensity, grid = measure_intensity(specimen), specimen.volume.box
    features, tiles = torch.empty(0), list(_tiles(specimen))
    for number, tile in enumerate(tiles):
        yield Progress("features", number, len(tiles))
        outer = tile.outer.intersect(grid)
        grey = torch.from_numpy(intensity.standardise(specimen.volume.read(outer)))
        made = compute(grey * torch.from_numpy(specimen.inside(outer)))
        if not number:
            features = torch.empty(*grid.shape, len(made), dtype=torch.float16)
        z, y, x = outer.start
        features[tile.core.slices] = made[:, *tile.core.shift((-z, -y, -x)).slices].movedim(0, -1).half()
    yield from _standardise(features, torch.from_numpy(specimen.inside(grid)))
    return features


def _tiles(specimen: Specimen) -> Iterator[Block]:
    return iter_blocks(specimen.volume.box, _tile_edge(specimen.volume.shape), (HALO,) * 3, (STRIDE,) * 3)


def _tile_edge(shape: Index3) -> Index3:
    """Edges (z, y, x) of tiles: wide ones of a flat volume, so that little is computed twice."""
    depth = ceil(min(shape[0], EDGE) / STRIDE) * STRIDE
    side = ceil(sqrt(EDGE**3 / depth) / STRIDE) * STRIDE
    return depth, side, side


def _standardise(features: Tensor, counted: Tensor) -> Job[None]:
    """In place, one feature after the other; a constant one becomes 0."""
    for number in range(features.shape[-1]):
        yield Progress("features", number, features.shape[-1])
        plane = features[..., number].float()
        values = plane[counted]
        plane -= values.mean()
        plane /= values.std(correction=0).clamp_min(1e-6)
        features[..., number] = plane.half()
