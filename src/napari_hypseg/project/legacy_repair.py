"""Repair of what version 0.1 left in a project's folder when it was killed, when the project is opened for writing."""

import re
from contextlib import suppress
from pathlib import Path

from napari_hypseg.storage.file_removal import remove_matching

ASIDE = ".replaced"
"""Ending of a folder that was moved out of the way of a newer one."""
_HALF_FILES = ("project.json", "training.json", "checkpoint.safetensors", "segmentations/current.json")
_HALF_ARRAYS = re.compile(r"record\.json(\.partial)?|(\w+/)?[\w.-]+\.zarr(/\w+)?/(zarr\.json|c(/\d+)*)")


def repair(path: Path) -> None:
    """Bring back folders that were moved aside, and remove what was written in part."""
    for parent in (path / "segmentations", path / "pictures"):
        if parent.is_symlink() or not parent.is_dir():
            continue
        for folder in parent.glob(f"*{ASIDE}"):
            place = folder.with_name(folder.name.removesuffix(ASIDE))
            with suppress(OSError):
                remove_matching(folder, _is_half) if place.exists() else folder.rename(place)
        for folder in (parent / "partial", *parent.glob("*-*.partial")):
            with suppress(OSError):
                remove_matching(folder, _is_half)
    for name in _HALF_FILES:
        with suppress(OSError):
            (path / f"{name}.partial").unlink(missing_ok=True)


def _is_half(name: str) -> bool:
    return _HALF_ARRAYS.fullmatch(name) is not None
