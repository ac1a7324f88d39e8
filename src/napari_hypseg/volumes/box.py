"""An axis-aligned box of voxels: a region of interest."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from napari_hypseg.errors import SettingError

Index3 = tuple[int, int, int]


@dataclass(frozen=True)
class Box:
    """Half-open box ``[start, stop)`` in voxels of the full grid, order zyx."""

    start: Index3
    stop: Index3

    @classmethod
    def whole(cls, shape: tuple[int, ...]) -> "Box":
        """Box of a whole grid of `shape` (z, y, x)."""
        z, y, x = shape
        return cls((0, 0, 0), (z, y, x))

    @classmethod
    def parse(cls, text: str) -> "Box":
        """Read ``z0:z1,y0:y1,x0:x1``; for box files see `io.box_file`.

        Raises
        ------
        SettingError
            If `text` is something else.
        """
        match = re.fullmatch(r"\s*(\d+):(\d+),\s*(\d+):(\d+),\s*(\d+):(\d+)\s*", text)
        if match is None:
            raise SettingError(f"{text!r} is not a box; write z0:z1,y0:y1,x0:x1 or name a JSON file.", setting="box")
        z0, z1, y0, y1, x0, x1 = map(int, match.groups())
        return cls((z0, y0, x0), (z1, y1, x1))

    @property
    def shape(self) -> Index3:
        """Edge lengths (z, y, x) in voxels, never negative."""
        z, y, x = (max(0, b - a) for a, b in zip(self.start, self.stop, strict=True))
        return z, y, x

    @property
    def size(self) -> int:
        """Number of voxels."""
        z, y, x = self.shape
        return z * y * x

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """Index of the box in a (z, y, x) array."""
        z, y, x = (slice(a, b) for a, b in zip(self.start, self.stop, strict=True))
        return z, y, x

    def intersect(self, other: "Box") -> "Box":
        """The common part of two boxes, possibly empty."""
        start = (max(a, b) for a, b in zip(self.start, other.start, strict=True))
        stop = (min(a, b) for a, b in zip(self.stop, other.stop, strict=True))
        return Box(_index3(start), _index3(stop))

    def grow(self, margin: Index3) -> "Box":
        """The box with `margin` (z, y, x) voxels more on both sides of each axis; it may leave the grid."""
        start = (a - m for a, m in zip(self.start, margin, strict=True))
        stop = (b + m for b, m in zip(self.stop, margin, strict=True))
        return Box(_index3(start), _index3(stop))

    def shift(self, offset: Index3) -> "Box":
        """The box moved by `offset` (z, y, x) voxels."""
        start = (a + d for a, d in zip(self.start, offset, strict=True))
        stop = (b + d for b, d in zip(self.stop, offset, strict=True))
        return Box(_index3(start), _index3(stop))

    def __str__(self) -> str:
        return ",".join(f"{a}:{b}" for a, b in zip(self.start, self.stop, strict=True))


def _index3(values: Iterable[int]) -> Index3:
    z, y, x = values
    return z, y, x
