"""The projects that were open last, stored in the user's own folder, so that they are opened again with one click."""

from pathlib import Path

import platformdirs

from napari_hypseg.project.project_file import NAME as PROJECT_FILE
from napari_hypseg.storage.user_record import UserRecord, user_file

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
        self._record = UserRecord(file or user_file(NAME, platformdirs.user_state_dir), list[str])

    def add(self, project: Path) -> None:
        """Take note of a project that was opened."""
        path = str(project.absolute())
        self._record.update(lambda paths: [path, *(other for other in paths if other != path)][:MOST])

    def existing(self) -> tuple[Path, ...]:
        """Those that are there now."""
        return tuple(path for path in map(Path, self._record.read()) if (path / PROJECT_FILE).is_file())

    def clear(self) -> None:
        """Forget them; the projects stay."""
        self._record.update(lambda _: [])
