"""The projects that were open last, stored in the user's own folder, so that they are opened again with one click."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import platformdirs

from napari_hypseg.errors import HypsegError
from napari_hypseg.project.project_file import NAME as PROJECT_FILE
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.storage.json_text import read_json, validated

FOLDER = "HYPSEG_CACHE"
"""Variable of the environment that names another folder than that of the system."""
NAME = "recent.json"
MOST = 8


class RecentProjects:
    """Folders of projects, the newest first; a file that cannot be read or written is done without.

    Parameters
    ----------
    file
        Where they are kept, None for the user's own folder.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or _folder() / NAME

    def add(self, project: Path) -> None:
        """Take note of a project that was opened."""
        path = project.absolute()
        self._write([path, *(other for other in self._read() if other != path)][:MOST])

    def existing(self) -> tuple[Path, ...]:
        """Those that are there now."""
        return tuple(path for path in self._read() if (path / PROJECT_FILE).is_file())

    def clear(self) -> None:
        """Forget them; the projects stay."""
        self._write([])

    def _read(self) -> list[Path]:
        try:
            return [Path(name) for name in validated(list[str], read_json(self.file))]
        except (OSError, ValueError, HypsegError, RecursionError):
            return []

    def _write(self, paths: Sequence[Path]) -> None:
        with suppress(HypsegError, OSError), replacing(self.file) as fresh:
            fresh.write_text(json.dumps([str(path) for path in paths], indent=2) + "\n", encoding="utf-8")


def _folder() -> Path:
    named = os.environ.get(FOLDER)
    return Path(named) if named else Path(platformdirs.user_state_dir("napari-hypseg", appauthor=False))
