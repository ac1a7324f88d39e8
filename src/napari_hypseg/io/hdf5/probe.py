"""Validation of an HDF5 file in a separate process before it is opened.

The library follows addresses that it finds in a file, and a damaged one may end the process or never let it go. What
another process has read to its end may be read here.
"""

import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from napari_hypseg.errors import InputError
from napari_hypseg.io.hdf5 import datasets, spatial_metadata
from napari_hypseg.io.label_metadata import KEY

PROCESSOR_SECONDS = 3
"""CPU seconds that the validation may take, ten times what a valid file takes; waiting for a disk does not count."""
SECONDS = 120
MEMORY = 2**34
NO_MEMORY = 3
"""What the process ends with that has no memory left."""


def open_file(path: Path, name: str = "") -> Any:
    """Open the HDF5 file at `path` to be read, after another process has validated the data set `name`, or all of them.

    It is opened without a lock, so that others may write to it.

    Raises
    ------
    InputError
        If the other process did not come to its end.
    """
    status = path.stat()
    failure = _failure(path, name, status.st_mtime_ns, status.st_size, status.st_ino)
    if failure:
        raise InputError(f"{path} is damaged: {failure}; copy or export it again.")
    return _open(path)


@lru_cache(maxsize=256)
def _failure(path: Path, name: str, *version: int) -> str:
    """How the validation of a `version` of a file failed, empty if it did not."""
    command = [sys.executable, "-P", "-m", "napari_hypseg.io.hdf5.probe", str(path), name]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "it is never read to its end"
    if done.returncode == NO_MEMORY:
        return "it asks for more memory than any volume"
    return "" if done.returncode == 0 else "the HDF5 library fails on it"


def probe(path: Path, name: str) -> None:
    """Read all that is read when a data set is opened, its index of chunks, and a voxel at each end.

    Raises
    ------
    Exception
        Of any class, which who opens the file meets as well.
    """
    with _open(path) as file:
        dataset = datasets.find_dataset(path, file, name)
        datasets.check_storage(path, dataset)
        spatial_metadata.axis_letters(dataset)
        spatial_metadata.read_placement(dataset)
        spatial_metadata.attribute(dataset, KEY)
        if dataset.chunks is not None:
            dataset.id.get_num_chunks()
        for place in (0, -1):
            dataset[(place,) * dataset.ndim]


def _open(path: Path) -> Any:
    import h5py

    return h5py.File(path, "r", locking=False)


def _limit() -> None:
    """Let this process end before it takes all of a processor or of the memory."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in (
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, hard))


def main(path: str, name: str) -> int:
    """Look, and say whether there was memory for it; what Python can say of the file is left to who opens it."""
    try:
        probe(Path(path), name)
    except MemoryError:
        return NO_MEMORY
    except Exception:
        return 0
    return 0


if __name__ == "__main__":
    _limit()
    sys.exit(main(*sys.argv[1:]))
