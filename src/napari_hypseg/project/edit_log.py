"""The edits of a segmentation on disk: a file to which lines are only ever appended, each with a checksum.

A line is ``CHECKSUM JSON``. The checksum is that of the line and of the checksum before it, so that a line that was
changed, lost or moved is noticed. A process that is killed while it writes leaves a last line without its end; that
edit is missing, those before it are whole.
"""

import errno
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_hypseg.errors import OutputError, ProjectError
from napari_hypseg.storage.atomic import make_folders, unwritable
from napari_hypseg.storage.json_text import MAX_BYTES, JsonError, parse_json
from napari_hypseg.storage.sync import sync_folder

FORMAT_VERSION = 1
FORMAT = "napari-hypseg-edits"
Record = Mapping[str, Any]


@dataclass(frozen=True)
class LogContent:
    """What was read.

    Parameters
    ----------
    records
        What the lines say, without the first.
    damage
        A sentence about lines that cannot be read; empty if all is well.
    """

    records: tuple[Record, ...] = ()
    damage: str = ""


class EditLog:
    """One log file, written by one process at a time.

    Parameters
    ----------
    path
        The file; it need not exist.
    subject
        What its first line says it belongs to.
    """

    def __init__(self, path: Path, subject: Record) -> None:
        self.path = path
        self._subject = dict(subject)
        self._places = [(0, 0)]
        """Where each whole line ends, and its checksum; first the beginning of the file."""
        self._damaged = False

    def read(self) -> LogContent:
        """All lines that are whole.

        Raises
        ------
        ProjectError
            If the log is of a newer version.
        """
        if not self.path.exists():
            return LogContent()
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            self._damaged = True
            return LogContent((), f"The edits in {self.path} cannot be read ({error.strerror}); they are left as is.")
        records = list[Record]()
        self._places = [(0, 0)]
        *lines, cut_off = content.split(b"\n")  # after the last end of a line a process was killed while it wrote
        for number, line in enumerate(lines):
            record = self._parsed(line)
            if record is None or (number == 0 and not self._is_ours(record)):
                return LogContent(tuple(records), self._damage(len(records)))
            if number:
                records.append(record)
            self._places.append((self._places[-1][0] + len(line) + 1, int(line[:8], 16)))
        whole = self._parsed(cut_off[:-1]) is not None
        return LogContent(tuple(records), self._damage(len(records)) if whole else "")

    def stop_before(self, number: int) -> None:
        """Let the log end before record `number`, from 1; a copy of the rest stays once something is appended."""
        del self._places[number + 1 :]
        self._damaged = True

    def append(self, *records: Record) -> None:
        """Write one line for each record, and force them to disk together.

        Raises
        ------
        OutputError
            If the disk is full or fails; the file is as it was then.
        """
        fresh = len(self._places) == 1
        places, content = list[tuple[int, int]](), b""
        end, checksum = self._places[-1]
        for one in [{FORMAT: FORMAT_VERSION, **self._subject}, *records] if fresh else records:
            line, checksum = _line(one, checksum)
            content += line
            places.append((end + len(content), checksum))
        try:
            if self._damaged:
                self._set_aside()
            if fresh:
                make_folders(self.path.parent)
            self._write(content, end)
            if fresh:
                sync_folder(self.path.parent)
        except OSError as error:
            raise OutputError(f"The edit was not done: {unwritable(self.path, error)}") from error
        self._places += places

    def _write(self, content: bytes, end: int) -> None:
        """Put `content` after byte `end` of the file and force it to disk, or leave the file as it was."""
        with open(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0) as file:
            file.truncate(end)
            file.seek(end)
            try:
                if file.write(content) != len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise

    def _set_aside(self) -> None:
        """Keep a copy of the damaged file; what could be read of it goes on."""
        free = (self.path.with_name(f"{self.path.stem}-damaged-{n}.jsonl") for n in range(1, 1000))
        copy = next(path for path in free if not path.exists())
        content = self.path.read_bytes()
        copy.write_bytes(content)
        self._damaged = False

    def _damage(self, n_readable: int) -> str:
        self._damaged = True
        return (
            f"{self.path} is damaged: edits after number {n_readable} cannot be read; they stay in a copy of the file "
            "beside it once something is edited."
        )

    def _parsed(self, line: bytes) -> Record | None:
        """What a line says, None if it is not what was written."""
        try:
            if line[:9] != f"{zlib.crc32(line[9:], self._places[-1][1]):08x} ".encode():
                return None
            record = parse_json(line[9:])
        except (ValueError, JsonError):
            return None
        return record if isinstance(record, dict) else None

    def _is_ours(self, record: Record) -> bool:
        version = record.get(FORMAT)
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise ProjectError(
                f"{self.path} was made by a newer version of napari-hypseg (format {version}, this one reads up to "
                f"{FORMAT_VERSION}); update napari-hypseg to open its edits."
            )
        return version == FORMAT_VERSION and all(record.get(key) == value for key, value in self._subject.items())


def _line(record: Record, checksum: int) -> tuple[bytes, int]:
    text = json.dumps(record, separators=(",", ":"))
    checksum = zlib.crc32(text.encode(), checksum)
    return f"{checksum:08x} {text}\n".encode(), checksum
