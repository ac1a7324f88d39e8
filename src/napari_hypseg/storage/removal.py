"""Removing what was written and nothing else."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def remove_known(folder: Path, known: Callable[[str], bool]) -> None:
    """Remove the files in `folder` that are `known` by their path within it, and the folders that are empty then.

    Links are never followed: a link that has the name of a known file goes, what it points to stays, and so does
    everything behind a folder that is a link.

    Raises
    ------
    OSError
        If something cannot be removed.
    """
    if not folder.is_symlink() and folder.is_dir():
        _remove(folder, "", known)


def _remove(folder: Path, within: str, known: Callable[[str], bool]) -> None:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{within}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            _remove(Path(entry.path), f"{name}/", known)
        elif known(name):
            Path(entry.path).unlink()
    with suppress(OSError):  # something of somebody else's is in it
        folder.rmdir()
