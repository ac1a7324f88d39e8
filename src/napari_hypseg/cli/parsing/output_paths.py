"""Output paths of a command for many specimens, decided and checked before the work begins."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from napari_hypseg.errors import OutputError, SettingError
from napari_hypseg.io.box_file import SUFFIX
from napari_hypseg.storage.file_names import fitted


def box_files(out: Path, names: Sequence[str], count: int) -> tuple[Path, ...]:
    """The box file of each specimen: `out` itself for one, if it ends in .json, else one for each in the folder `out`.

    Parameters
    ----------
    out
        What the person named.
    names
        Unique names of the specimens that could be opened.
    count
        How many specimens were asked for.

    Raises
    ------
    SettingError
        If several are to go into one file.
    """
    if out.suffix.lower() != SUFFIX or out.is_dir():
        return tuple(out / fitted(name, SUFFIX) for name in names)
    if count > 1:
        raise SettingError(f"--out {out} is one file, but there are {count} specimens; name a folder for their boxes.")
    return (out,)


def require_free(paths: Iterable[Path], overwrite: bool) -> None:
    """Check that nothing is in the way.

    Raises
    ------
    OutputError
        Naming what is.
    """
    there = [path for path in paths if path.exists()]
    if there and not overwrite:
        more = f" and {len(there) - 1} more exist" if len(there) > 1 else " exists"
        raise OutputError(f"{there[0]}{more} already; choose another name or replace with --overwrite.")


def make_folder(folder: Path) -> None:
    """Make a folder that files are to be written to.

    Raises
    ------
    OutputError
        If it cannot be made, is something else, or must not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {folder} cannot be made ({error.strerror}); name another.") from error
    if not os.access(folder, os.W_OK):
        raise OutputError(f"You may not write to the folder {folder}; name another.")
