"""Who may write to a project: one program its record, and one job at a time its model, regions and latent views.

The window holds the record and lets a process of its own do the work; the command does both itself. So there are two
locks, which the operating system drops with the processes that hold them.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_hypseg.errors import ProjectError
from napari_hypseg.storage.atomic import unwritable
from napari_hypseg.storage.lock import FileLock, owner_of

RECORD_LOCK = ".writer.lock"
JOB_LOCK = ".job.lock"
WINDOW = "another window"
"""What the window calls itself to others."""
PROGRAM = "another program"


class Access:
    """What this object may do in a project's folder.

    Parameters
    ----------
    path
        The folder.
    refusal
        Why the record may not be changed and what to do about it, one sentence; empty if it may.
    lock
        On the record.
    works
        Whether jobs may be run although the record may not be changed.
    note
        What the person should read at once, empty for nothing.

    Attributes
    ----------
    notes
        Sentences the person should read.
    """

    def __init__(
        self, path: Path, refusal: str, lock: FileLock | None = None, works: bool = False, note: str = ""
    ) -> None:
        self.path, self.refusal = path, refusal
        self._lock, self._works = lock, works
        self.notes: tuple[str, ...] = (note,) if note else ()
        if lock is not None and not lock.supported:
            self.notes = (f"The file system of {path} has no locks; do not open the project anywhere else meanwhile.",)

    @classmethod
    def reading(cls, path: Path) -> "Access":
        """To look at it."""
        return cls(path, f"{path.name} was opened for reading; open it for writing to change it.")

    @classmethod
    def working(cls, path: Path) -> "Access":
        """For a job that its window has started, which holds the record itself."""
        return cls(path, f"The record of {path.name} belongs to the window that has started this job.", works=True)

    @classmethod
    def writing(cls, path: Path, what: str) -> "Access":
        """To change it, if nobody else does and the disk allows it; else to look at it.

        Parameters
        ----------
        path
            The folder.
        what
            How the owner is called in messages of other programs, such as "another window".
        """
        if not os.access(path, os.W_OK):
            problem = f"{path} is on a read-only disk or you may not write to it"
            return cls._refused(path, problem, "copy it to a folder that you may write to")
        try:
            lock = FileLock.acquire(path / RECORD_LOCK, what)
        except OSError as error:
            return cls._refused(path, f"{path} cannot be written to ({error.strerror})", "mend that first")
        if lock is None:
            owner = owner_of(path / RECORD_LOCK)
            if owner is not None and owner.is_this_process:
                return cls._refused(path, f"{path} is open for writing in this program already", "close it there")
            return cls._refused(path, f"{path} is open for writing in {owner or PROGRAM}", "close it there")
        return cls(path, "", lock)

    @classmethod
    def _refused(cls, path: Path, problem: str, remedy: str) -> "Access":
        """It can only be read: who looks at it is told so, who wants to change it what to do."""
        return cls(path, f"{problem}; {remedy}.", note=f"{problem}; opened read-only.")

    def awaiting_regions(self) -> "Access":
        """Give up the right to change the record: a newer project, not complete yet, is to take this one's place."""
        self.close()
        refusal = (
            f"A newer project that is to take the place of {self.path.name} has learned but has no regions yet; resume "
            "it to make them. Until then the older one is there, opened read-only."
        )
        return Access(self.path, refusal, note=refusal)

    @property
    def read_only(self) -> bool:
        """Whether the record may not be changed."""
        return bool(self.refusal)

    def require(self) -> None:
        """Make sure that the record may be changed.

        Raises
        ------
        ProjectError
            Why not.
        """
        if self.refusal:
            raise ProjectError(self.refusal)

    @contextmanager
    def job(self, what: str) -> Iterator[None]:
        """Nobody else writes model, regions or latent views for so long.

        Raises
        ------
        ProjectError
            If somebody else does, or the project was opened for reading.
        OutputError
            If the disk is full.
        """
        if not self._works:
            self.require()
        try:
            lock = FileLock.acquire(self.path / JOB_LOCK, what)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise unwritable(self.path, error) from error
            raise ProjectError(f"{self.path} cannot be written to ({error.strerror}).") from error
        if lock is None:
            owner = owner_of(self.path / JOB_LOCK) or PROGRAM
            raise ProjectError(f"{self.path} is being worked on: {owner}; wait until that has ended.")
        try:
            yield
        finally:
            lock.release()

    def close(self) -> None:
        """Let others write; from now on this object only reads."""
        if self._lock is not None:
            self._lock.release()
            self.refusal = f"{self.path.name} was closed; open it again to change it."
        self._lock, self._works = None, False
