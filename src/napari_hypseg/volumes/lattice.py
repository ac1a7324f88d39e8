"""Every n-th voxel along each axis of a grid: where a volume is sampled whose values vary little between neighbours."""

from dataclasses import dataclass

from napari_hypseg.volumes.box import Box, Index3


@dataclass(frozen=True)
class Lattice:
    """Cells of `step` voxels (z, y, x), counted from the grid's origin; the first voxel of each is a sample."""

    step: Index3 = (1, 1, 1)

    @property
    def is_dense(self) -> bool:
        """Whether every voxel is a sample."""
        return self.step == (1, 1, 1)

    def cells(self, box: Box) -> Box:
        """The cells that have voxels in `box`, as a box of the grid of cells."""
        z0, y0, x0 = (a // n for a, n in zip(box.start, self.step, strict=True))
        z1, y1, x1 = (-(-b // n) for b, n in zip(box.stop, self.step, strict=True))
        return Box((z0, y0, x0), (z1, y1, x1))

    def samples(self, box: Box, start: Index3) -> tuple[slice, slice, slice]:
        """Index of the first voxels of ``cells(box)`` in an array whose first voxel is `start`."""
        cells = self.cells(box)
        z, y, x = (
            slice(a * n - s, (b - 1) * n - s + 1, n)
            for a, b, n, s in zip(cells.start, cells.stop, self.step, start, strict=True)
        )
        return z, y, x


EVERY_VOXEL = Lattice()
