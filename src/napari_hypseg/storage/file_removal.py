"""Remove the files that this package has written, and never anybody else's."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def remove_matching(folder: Path, matches: Callable[[str], bool]) -> None:
    """Remove the files in `folder` whose path within it `matches`, and the folders that are empty then.

    Links are never followed: a link that has the name of such a file is removed, what it points to stays, and so does
    everything behind a folder that is a link.

    Raises
    ------
    OSError
        If something cannot be removed.
    """
    if not folder.is_symlink() and folder.is_dir():
        _remove(folder, "", matches)


def _remove(folder: Path, within: str, matches: Callable[[str], bool]) -> None:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{within}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            _remove(Path(entry.path), f"{name}/", matches)
        elif matches(name):
            Path(entry.path).unlink()
    with suppress(OSError):  # it holds other files
        folder.rmdir()
