"""Walking through a volume block by block, each block with a halo of context around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import Volume


@dataclass(frozen=True)
class Block:
    """A piece of the grid.

    `core` is what the block answers for; `aligned` is the smallest box around it on multiples of the stride; `outer`
    is `aligned` with a halo and may leave the grid.
    """

    core: Box
    aligned: Box
    outer: Box

    @property
    def core_in_aligned(self) -> tuple[slice, slice, slice]:
        """Index of the core in an array over `aligned`."""
        z, y, x = self.aligned.start
        return self.core.shift((-z, -y, -x)).slices


def block_starts(region: Box, edge: Index3, stride: Index3) -> list[Index3]:
    """Corners of the blocks that cover `region`, on multiples of `stride`, in z-major order."""
    first = align(region, stride).start
    z, y, x = (range(a, b, e) for a, b, e in zip(first, region.stop, edge, strict=True))
    return list(product(z, y, x))


def block_at(region: Box, start: Index3, edge: Index3, halo: Index3, stride: Index3) -> Block:
    """The block of `region` whose aligned corner is `start`."""
    z, y, x = (a + e for a, e in zip(start, edge, strict=True))
    core = Box(start, (z, y, x)).intersect(region)
    aligned = align(core, stride)
    return Block(core, aligned, aligned.grow(halo))


def iter_blocks(region: Box, edge: Index3, halo: Index3, stride: Index3) -> Iterator[Block]:
    """Cover `region` with blocks of `edge` voxels (zyx), in z-major order.

    Blocks start at multiples of `stride` counted from the grid's origin, so that a network that pools by `stride`
    sees the same cells whatever the blocks are.
    """
    for start in block_starts(region, edge, stride):
        yield block_at(region, start, edge, halo, stride)


def align(box: Box, stride: Index3) -> Box:
    """The smallest box around `box` whose faces lie at multiples of `stride`."""
    z0, y0, x0 = (a // s * s for a, s in zip(box.start, stride, strict=True))
    z1, y1, x1 = (-(-b // s) * s for b, s in zip(box.stop, stride, strict=True))
    return Box((z0, y0, x0), (z1, y1, x1))


def read_mirrored(volume: Volume, outer: Box) -> npt.NDArray[np.float32]:
    """Voxels of `outer` as float32 (c, z, y, x); what lies outside the grid is mirrored from within."""
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
    folded = np.abs(np.arange(start, stop)) % period
    return np.minimum(folded, period - folded)
