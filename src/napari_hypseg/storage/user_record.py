"""Small records of what a person did on this machine, in the person's own folders, that several windows change."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

from napari_hypseg.errors import HypsegError
from napari_hypseg.storage.atomic import make_folders, replacing
from napari_hypseg.storage.json_text import read_json, validated
from napari_hypseg.storage.lock import FileLock

FOLDER = "HYPSEG_CACHE"
"""Variable of the environment that names another folder than those of the system."""
PATIENCE = 1.0
"""Seconds to wait for somebody else who is changing a record, which takes milliseconds."""

R = TypeVar("R")


class UserRecord(Generic[R]):
    """A JSON file that is done without where it cannot be read or written.

    Parameters
    ----------
    file
        Where it is.
    kind
        What it holds, plain values such as `list[str]`; called without arguments it gives what an absent file holds.
    """

    def __init__(self, file: Path, kind: type[R]) -> None:
        self._file, self._kind = file, kind

    def read(self) -> R:
        """What it holds now; nothing if it is missing, damaged or of another kind."""
        try:
            return validated(self._kind, read_json(self._file))
        except (OSError, ValueError, HypsegError, RecursionError):
            return self._kind()

    def update(self, change: Callable[[R], Any]) -> None:
        """Write what `change` makes of what it holds, while no other thread or window changes it."""
        with suppress(HypsegError, OSError), _alone(self._file):
            text = json.dumps(change(self.read()), indent=2)
            with replacing(self._file) as fresh:
                fresh.write_text(text + "\n", encoding="utf-8")


def user_file(name: str, folder: Callable[..., str]) -> Path:
    """Where a record is kept: in the folder that the environment names, else in one of `platformdirs`."""
    return Path(os.environ.get(FOLDER) or folder("napari-hypseg", appauthor=False)) / name


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    make_folders(file.parent)
    path, deadline = file.with_name(f".{file.name}.lock"), time.monotonic() + PATIENCE
    while (lock := FileLock.acquire(path, "taking a note")) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{file} is being changed by somebody else.")  # an OSError: done without
        time.sleep(0.005)
    try:
        yield
    finally:
        lock.release()
