"""Volumes by the names that a person gives: data sets inside a file, and channels in several files.

A data set is named as if its file were a folder: ``cell.h5/volumes/raw``. Channels are joined by a ``+``.

ilastik and h5py spell it so, too. A colon behind the file, ``cell.h5:/volumes/raw``, is taken for the same.
"""

from pathlib import Path

from napari_hypseg.errors import InputError

CHANNEL_SEPARATOR = "+"


def volume_exists(path: Path) -> bool:
    """Whether `path`, or the file that it names a data set of, exists."""
    return split_dataset_path(path)[0].exists()


def split_dataset_path(path: Path) -> tuple[Path, str]:
    """File or folder on disk that `path` lies in, and the data set inside a file, empty if `path` is there itself.

    Where nothing is there, `path` is given back.
    """
    if path.exists():
        return path, ""
    parent = next((parent for parent in path.parents if parent.exists() or parent.name.endswith(":")), path)
    file = parent.with_name(parent.name[:-1]) if len(parent.name) > 1 and parent.name.endswith(":") else parent
    return (file, path.relative_to(parent).as_posix()) if file.is_file() else (path, "")


def channel_paths(text: str) -> list[Path]:
    """The files that ``a.mrc+b.mrc`` names, the longest name that exists first.

    Raises
    ------
    InputError
        If there is no name on a side of a ``+``.
    """
    parts, paths = text.split(CHANNEL_SEPARATOR), list[Path]()
    while parts:
        joined = (CHANNEL_SEPARATOR.join(parts[:n]) for n in range(len(parts), 1, -1))
        path = next(filter(_is_one, joined), parts[0])
        if not path.strip():
            raise InputError(f"{text!r} names an empty file between two {CHANNEL_SEPARATOR}; give a path on each side.")
        paths.append(Path(path).expanduser())
        parts = parts[path.count(CHANNEL_SEPARATOR) + 1 :]
    return paths


def _is_one(name: str) -> bool:
    """Whether `name`, in which there is a ``+``, is one file; ``+`` separates data sets."""
    file, inner = split_dataset_path(Path(name))
    return file.exists() and CHANNEL_SEPARATOR not in inner
