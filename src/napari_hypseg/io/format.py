"""A file format as one record: its name and suffixes, and the functions that read and write it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io.dtype_conversion import portable_dtype
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.jobs import Job
from napari_hypseg.volumes import Volume


def lazy_function(module: str, name: str) -> Callable[..., Any]:
    """The function `name` of `module`, which is imported at the first call."""

    def call(*arguments: Any) -> Any:
        return getattr(import_module(module), name)(*arguments)

    return call


def _never(path: Path) -> bool:
    return False


@dataclass(frozen=True)
class Format:
    """How one kind of file is read and written.

    Parameters
    ----------
    name
        Name on the command line.
    title
        Name in messages and dialogs.
    suffixes
        Lower-case endings that are read; the longest that fits a file decides.
    read
        Opens a file lazily; it raises `InputError` and leaves name and sources to the registry.
    write_labels
        Job that writes labels to a path that does not exist yet, None for a format that does not hold them.
    write_volume
        Job that writes a volume to a path that does not exist yet, None for a format that is only read. All channels
        are of one dtype, which `stored_dtype` gave, and only one if the format does not hold several.
    holds_channels
        Whether several channels go into one file that is read as such.
    is_folder
        Whether a volume is a folder rather than a file.
    datasets
        Paths of the volumes in a file, named behind it as if it were a folder; None for a format whose files are one.
    stored_dtype
        From the dtype of voxels to that in which they are written: the same wherever the format has it.
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
    is_folder: bool = False
    datasets: Callable[[Path], tuple[Path, ...]] | None = None
    stored_dtype: Callable[[np.dtype[Any]], np.dtype[Any]] = portable_dtype
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
