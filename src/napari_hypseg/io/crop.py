"""A box of a volume as a volume of its own that is still read from where the whole lies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from napari_hypseg.errors import SettingError
from napari_hypseg.volumes import Box, Index3, LazyArray, Volume


@dataclass(frozen=True, eq=False)
class CroppedArray:
    """The voxels of `box` (within the grid) in a lazy array (z, y, x)."""

    array: LazyArray
    box: Box

    @property
    def shape(self) -> Index3:
        """Grid (z, y, x) of the box."""
        return self.box.shape

    @property
    def dtype(self) -> Any:
        """As in the whole array."""
        return self.array.dtype

    def __getitem__(self, index: Any, /) -> Any:
        """``array[box][index]`` for integers and slices that go forwards."""
        given = index if isinstance(index, tuple) else (index,)
        parts = (*given, *[slice(None)] * (3 - len(given)))
        picked = (range(a, b)[part] for a, b, part in zip(self.box.start, self.box.stop, parts, strict=True))
        return self.array[tuple(slice(p.start, p.stop, p.step) if isinstance(p, range) else p for p in picked)]


def crop(volume: Volume, box: Box) -> Volume:
    """`box` of `volume`, lazily; its origin is the centre of the box's first voxel, so that nothing moves.

    Raises
    ------
    SettingError
        If the box is empty, one voxel thick or leaves the grid.
    """
    check_box(volume, box)
    channels = tuple(CroppedArray(channel, box) for channel in volume.channels)
    return replace(volume, channels=channels, origin=volume.to_world(box.start))


def check_box(volume: Volume, box: Box) -> None:
    """Refuse what cannot be cut out of `volume` and opened again as a volume.

    Raises
    ------
    SettingError
        If the box is empty, one voxel thick or leaves the grid.
    """
    if not box.size:
        raise SettingError(f"The box {box} (z, y, x) is empty; let every end be greater than its start.")
    if box.intersect(volume.box) != box:
        raise SettingError(
            f"The box {box} (z, y, x) leaves the grid of {volume.name}, which has {_grid(volume.shape)} voxels; "
            "keep it inside."
        )
    if 1 in box.shape:
        raise SettingError(
            f"The box {box} (z, y, x) is a single section of {_grid(box.shape)} voxels; "
            "a volume has at least 2 along each axis."
        )


def _grid(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))
