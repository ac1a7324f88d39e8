"""Data sets inside a file are named as if the file were a folder: ``cell.h5/volumes/raw``.

ilastik and h5py spell it so, too. A colon behind the file, ``cell.h5:/volumes/raw``, is taken for the same.
"""

from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether `path`, or the file that it names a data set of, exists."""
    return split_inner_path(path)[0].exists()


def split_inner_path(path: Path) -> tuple[Path, str]:
    """File or folder on disk that `path` lies in, and the data set inside a file, empty if `path` is there itself.

    Where nothing is there, `path` is given back.
    """
    if path.exists():
        return path, ""
    parent = next((parent for parent in path.parents if parent.exists() or parent.name.endswith(":")), path)
    file = parent.with_name(parent.name[:-1]) if len(parent.name) > 1 and parent.name.endswith(":") else parent
    return (file, path.relative_to(parent).as_posix()) if file.is_file() else (path, "")
