"""Nothing is ever written over what is read: the one check that every writer of files and folders makes.

Paths are compared by what they lead to and not by how they are spelt, so that links, hard links, other spellings and
case-insensitive file systems cannot hide that two names mean one file.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from napari_hypseg.errors import OutputError
from napari_hypseg.io.volume_paths import split_dataset_path

PROJECT_SUFFIX = ".hypseg"
PROJECT_FILE = "project.json"
PROJECT_KEY = b'"napari-hypseg"'
"""Key of the version in the record of a project, by which a renamed folder is still known as one."""
_RECORD_BYTES = 2**12
_Identity: TypeAlias = tuple[int, int] | str


def check_no_overwrite(targets: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Refuse to write over anything that is read, or into a project folder.

    Parameters
    ----------
    targets
        Files or folders that are to be written; most do not exist yet.
    inputs
        Everything the same command reads: volumes, masks, truths, box files, projects. A folder stands for all that is
        in it, a data set for its file. What is not there is passed over.

    Raises
    ------
    OutputError
        If a target is an input, lies inside one, contains one, or lies inside a project folder.
    """
    files = dict.fromkeys(split_dataset_path(source)[0] for source in inputs)
    read = [(source, resolved_locations(source)) for source in files]
    for target in targets:
        written = resolved_locations(target)
        project = next(filter(is_project_folder, _parents(written)), None)
        if project is not None:
            raise OutputError(f"{target} lies inside the project {project}; choose another place.")
        for source, found in read:
            if _overlap(written, found):
                raise OutputError(f"{target} would write over {source}, which is read from; choose another name.")


def is_project_folder(folder: Path) -> bool:
    """Whether `folder` is a project, whatever it is called and in whatever state."""
    record = folder / PROJECT_FILE
    try:
        if not record.is_file():
            return False
        with record.open("rb") as stream:
            return folder.suffix == PROJECT_SUFFIX or PROJECT_KEY in stream.read(_RECORD_BYTES)
    except OSError:
        return folder.suffix == PROJECT_SUFFIX


def resolved_locations(path: Path) -> tuple[Path, ...]:
    """Where `path` itself lies, where each link on the way leads, and where it ends; all with real parent folders."""
    found: dict[Path, None] = {}
    here = _with_real_parent(path)
    while here not in found:
        found[here] = None
        if here.is_symlink():
            here = _with_real_parent(here.parent / os.readlink(here))
    return (*found, Path(os.path.realpath(path)))


def _overlap(written: Sequence[Path], read: Sequence[Path]) -> bool:
    """Whether something written is something read, lies in it, or contains it."""
    targets, sources = ({_identity(path) for path in side} for side in (written, read))
    above_targets, above_sources = ({_identity(path) for path in _parents(side)} for side in (written, read))
    return bool(targets & sources or above_targets & sources or targets & above_sources)


def _parents(paths: Sequence[Path]) -> Iterator[Path]:
    """Every folder above `paths`, each once."""
    return iter(dict.fromkeys(parent for path in paths for parent in path.parents))


def _identity(path: Path) -> _Identity:
    """The identity of a file or folder, the same for each of its names; its path where there is none."""
    try:
        status = path.stat()
    except OSError:
        return os.path.normcase(path)
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.normcase(path)


def _with_real_parent(path: Path) -> Path:
    return Path(os.path.realpath(path.parent)) / path.name
