"""A file format as one record: what it is called, how it is read, and how labels and images are written to it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.voxel_types import plain_type
from napari_hypseg.jobs import Job
from napari_hypseg.volumes import Volume


def _never(path: Path) -> bool:
    return False


@dataclass(frozen=True)
class Format:
    """How one kind of file is read and written.

    Parameters
    ----------
    name
        Word for the command line.
    title
        Words for the person.
    suffixes
        Lower-case endings that are read; the longest that fits a file decides.
    read
        Opens a file lazily; it raises `InputError` and leaves name and sources to the registry.
    write_labels
        Job that writes labels to a path that does not exist yet, None for a format that does not hold them.
    write_volume
        Job that writes a volume to a path that does not exist yet, None for a format that is only read. All channels
        are of one dtype, which `voxel_type` gave, and only one if the format does not hold several.
    holds_channels
        Whether several channels go into one file that is read as such.
    datasets
        Paths of the volumes in a file, named behind it as if it were a folder; None for a format whose files are one.
    voxel_type
        The dtype in which voxels of another are written: the same wherever the format has it.
    written
        Endings that are written; the first is the usual one.
    may_replace
        Whether a folder that stands in the way was written by this project and may go.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], Volume]
    write_labels: Callable[[Path, LabelImage], Job[None]] | None = None
    write_volume: Callable[[Path, Volume], Job[None]] | None = None
    holds_channels: bool = False
    datasets: Callable[[Path], tuple[Path, ...]] | None = None
    voxel_type: Callable[[np.dtype[Any]], np.dtype[Any]] = plain_type
    written: tuple[str, ...] = ()
    may_replace: Callable[[Path], bool] = _never

    @property
    def holds_datasets(self) -> bool:
        """Whether a file holds several volumes."""
        return self.datasets is not None

    def suffix_of(self, path: Path) -> str:
        """The longest of the endings that `path` has, empty if it has none."""
        name = path.name.lower()
        return max((suffix for suffix in self.suffixes if name.endswith(suffix)), key=len, default="")

    def stem_of(self, path: Path) -> str:
        """Name of `path` without its ending."""
        return path.name[: len(path.name) - len(self.suffix_of(path))]
