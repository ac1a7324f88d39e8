"""The folder of the demonstration, and what in it is the demonstration's own.

A list kept in the folder says what was written and how it looked then. What is not on the list, or has changed since,
is the person's: a folder that holds such a thing is left alone.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from napari_hypseg.errors import HypsegError, OutputError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.project.project import SUFFIX, Project
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.storage.file_names import DESKTOP
from napari_hypseg.storage.json_text import read_json
from napari_hypseg.storage.staging import recover

LIST = "demo.json"
TITLE = "napari-hypseg demonstration"


class DemoFolder:
    """A folder to demonstrate in.

    Parameters
    ----------
    path
        The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digests: dict[str, str] = {}
        self._begun = ""

    def claim(self) -> None:
        """Make the folder, or take over that of an earlier demonstration, complete or not.

        Raises
        ------
        OutputError
            If it holds anything that is not a demonstration's own, or cannot be made.
        """
        check_no_overwrite([self.path / LIST], [])
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            recover(self.path)  # what a demonstration that was killed has left
            there = sorted(entry.name for entry in self.path.iterdir())
        except OSError as error:
            raise OutputError(
                f"The folder {self.path} cannot be made ({error.strerror}); name another with --out."
            ) from error
        own = self._read()
        for name in there:
            if not (own and name == LIST) and (reason := self._foreign(name)):
                raise OutputError(f"The folder {self.path} holds {name}, {reason}; name another with --out.")
        self._write()

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Give the path of a file or project to write, and put it on the list when it is there."""
        self._begun = name
        self._write()
        yield self.path / name
        self._digests[name] = digest(self.path / name)
        self._begun = ""
        self._write()

    def _foreign(self, name: str) -> str | None:
        """Why something in the folder is the person's, None if it is not."""
        if name in DESKTOP or name == self._begun:
            return None
        if name not in self._digests:
            return "which no demonstration has made"
        return None if self._digests[name] == (digest(self.path / name) or None) else "which was changed since"

    def _read(self) -> bool:
        """Take up the list in the folder; False if there is none of a demonstration's making."""
        try:
            record = read_json(self.path / LIST)
            files = {str(name): str(value) for name, value in record["files"].items()}
            if record["title"] != TITLE:
                return False
            self._digests, self._begun = files, str(record["begun"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        return True

    def _write(self) -> None:
        record = {"title": TITLE, "begun": self._begun, "files": self._digests}
        with replacing(self.path / LIST) as temporary:
            temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    """Hash of a file, or of the model and levels of a project; empty if it cannot be read."""
    try:
        if path.suffix != SUFFIX:
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        project = Project.open(path)
        levels = json.dumps([asdict(level) for level in project.levels])
        return f"{project.store.checkpoint_fingerprint()} {hashlib.sha256(levels.encode()).hexdigest()}"
    except (OSError, HypsegError):
        return ""
