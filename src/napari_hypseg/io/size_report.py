"""The report of how much smaller a cropped file is, with the numbers it follows from.

Sizes are compared like with like. Where the files before and the files after are both plain or both compressed, these
are the sizes of the files, which is what the disk gains. Where only one side is compressed, or the volume came from
memory, both sides are counted as plain voxels: otherwise compression would pass for cropping, or hide it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.registry import format_of
from napari_hypseg.io.writing import stored_dtype
from napari_hypseg.volumes import Box, LazyArray, Volume

UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3), ("bytes", 1))
SAME_UNIT = 0.1
"""Share of a unit down to which a smaller size is given in it too: "2.00 GB became 0.48 GB"."""


@dataclass(frozen=True)
class SizeReport:
    """Sizes in bytes before and after.

    Parameters
    ----------
    before, after
        Bytes of the whole volume and of the crop.
    of_files
        Whether these are sizes of files; else they are those of the voxels without any compression.
    """

    before: int
    after: int
    of_files: bool = True

    @classmethod
    def of(cls, volume: Volume, box: Box, written: Sequence[Path]) -> "SizeReport":
        """What is saved by keeping only the files `written`, which hold `box` of `volume`."""
        sources = sorted(set(volume.sources))
        whole = sum(map(_itemsize, volume.channels)) * volume.box.size
        part = _bytes_per_voxel(volume, written) * box.size
        if not sources or not all(source.exists() for source in sources):
            return cls(whole, part, of_files=False)
        before, after = (sum(map(_on_disk, paths)) for paths in (sources, written))
        alike = (before < whole) == (after < part)
        return cls(before, after) if alike else cls(whole, part, of_files=False)

    def __add__(self, other: "SizeReport") -> "SizeReport":
        """Both together, say of a folder of volumes."""
        return SizeReport(self.before + other.before, self.after + other.after, self.of_files and other.of_files)

    @property
    def saved(self) -> int:
        """Bytes that are no longer needed, negative if the crop takes more."""
        return self.before - self.after

    @property
    def factor(self) -> float:
        """How many times smaller the crop is, below 1 if it is larger."""
        return self.before / max(1, self.after)

    def __str__(self) -> str:
        """Say it in a sentence, or two where the sizes are not those of the files."""
        before, after, saved = (_size(count, self.before) for count in (self.before, self.after, self.saved))
        if self.saved > 0:
            said = f"Saved {saved}: {before} became {after} ({_times(self.factor)} times smaller)."
        else:
            said = f"Nothing was saved: {before} became {after}."
        return said if self.of_files else f"{said} Both are counted without compression."


def _itemsize(channel: LazyArray) -> int:
    """Bytes of a voxel where it lies: a file may hold integers that are scaled when they are read."""
    return np.dtype(channel.stored if isinstance(channel, FileArray) else channel.dtype).itemsize


def _bytes_per_voxel(volume: Volume, written: Sequence[Path]) -> int:
    """Bytes of one voxel of all channels in plain files."""
    form, channels = format_of(written[0]), volume.channels
    groups = [channels] if len(written) == 1 else [(channel,) for channel in channels]
    return sum(stored_dtype(form, group).itemsize * len(group) for group in groups)


def _on_disk(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = (part for part in path.rglob("*") if part.is_file()) if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files)


def _size(count: int, beside: int) -> str:
    """`count` bytes in the unit that suits `beside`, unless they would be too few to show in it."""
    unit, size = next(((unit, size) for unit, size in UNITS if abs(beside) >= size), UNITS[-1])
    if abs(count) < SAME_UNIT * size:
        unit, size = next(((unit, size) for unit, size in UNITS if abs(count) >= size), UNITS[-1])
    value = count / size
    digits = 0 if size == 1 or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f} {unit}"


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor >= 1.05 else f"{factor:.2f}"
