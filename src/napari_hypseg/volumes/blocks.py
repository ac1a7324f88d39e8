"""Iteration over a volume block by block, each block with a halo."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import GreyValues, Volume

NO_MARGIN: Index3 = (0, 0, 0)


@dataclass(frozen=True)
class Block:
    """A piece of the grid.

    `core` is what the block answers for; `aligned` is a box around it on multiples of the stride, the same shape for
    all blocks of a walk, and wider than the core by a margin if the walk has one; `outer` is `aligned` with a halo.
    Both may leave the grid.
    """

    core: Box
    aligned: Box
    outer: Box

    @property
    def core_in_aligned(self) -> tuple[slice, slice, slice]:
        """Index of the core in an array over `aligned`."""
        return self.in_aligned(self.core)

    def in_aligned(self, box: Box) -> tuple[slice, slice, slice]:
        """Index of `box` in an array over `aligned`."""
        z, y, x = self.aligned.start
        return box.shift((-z, -y, -x)).slices


def block_starts(region: Box, edge: Index3, stride: Index3) -> list[Index3]:
    """Corners of the blocks that cover `region`, on multiples of `stride`, in z-major order."""
    first = align_to_stride(region, stride).start
    z, y, x = (range(a, b, e) for a, b, e in zip(first, region.stop, edge, strict=True))
    return list(product(z, y, x))


def block_at(region: Box, start: Index3, edge: Index3, halo: Index3, margin: Index3 = NO_MARGIN) -> Block:
    """The block of `region` whose aligned corner is `start`, `margin` left out."""
    z, y, x = (a + e for a, e in zip(start, edge, strict=True))
    own = Box(start, (z, y, x))
    aligned = own.grow(margin)
    return Block(own.intersect(region), aligned, aligned.grow(halo))


def balanced_edge(region: Box, wanted: int, stride: Index3) -> Index3:
    """Block edges (z, y, x), about `wanted`, on multiples of `stride`, that leave little empty at the region's end."""
    lengths = align_to_stride(region, stride).shape
    counts = [-(-n // wanted) for n in lengths]
    z, y, x = (-(-n // (c * s)) * s for n, c, s in zip(lengths, counts, stride, strict=True))
    return z, y, x


def iter_blocks(region: Box, edge: Index3, halo: Index3, stride: Index3, margin: Index3 = NO_MARGIN) -> Iterator[Block]:
    """Cover `region` with blocks of `edge` voxels (zyx), in z-major order.

    Blocks start at multiples of `stride` counted from the grid's origin, so that a network that pools by `stride`
    sees the same cells whatever the blocks are. `margin`, a multiple of `stride` too, is what `aligned` has around
    the block for neighbourhoods of the network's output.
    """
    for start in block_starts(region, edge, stride):
        yield block_at(region, start, edge, halo, margin)


def align_to_stride(box: Box, stride: Index3) -> Box:
    """The smallest box around `box` whose faces lie at multiples of `stride`."""
    z0, y0, x0 = (a // s * s for a, s in zip(box.start, stride, strict=True))
    z1, y1, x1 = (-(-b // s) * s for b, s in zip(box.stop, stride, strict=True))
    return Box((z0, y0, x0), (z1, y1, x1))


def read_with_mirror_padding(volume: Volume, outer: Box) -> GreyValues:
    """Voxels of `outer` (c, z, y, x) from `Volume.read`; what lies outside the grid is mirrored from within."""
    if outer.intersect(volume.box) == outer:
        return volume.read(outer)
    z, y, x = (_mirror(a, b, n) for a, b, n in zip(outer.start, outer.stop, volume.shape, strict=True))
    low = (int(z.min()), int(y.min()), int(x.min()))
    data = volume.read(Box(low, (int(z.max()) + 1, int(y.max()) + 1, int(x.max()) + 1)))
    data = data[:, z - low[0]][:, :, y - low[1]][:, :, :, x - low[2]]
    return np.ascontiguousarray(data)


def _mirror(start: int, stop: int, length: int) -> npt.NDArray[np.intp]:
    """Indices start..stop-1 folded into [0, length) by reflection without repeating the border."""
    period = max(1, 2 * (length - 1))
    folded: npt.NDArray[np.intp] = np.abs(np.arange(start, stop)) % period
    nearer: npt.NDArray[np.intp] = np.minimum(folded, period - folded)
    return nearer
