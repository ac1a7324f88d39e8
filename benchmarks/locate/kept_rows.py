"""Rows of a long table, kept as they are measured: a line of JSON each, so that a stop loses none.

Rows that another version of the code measured, or with other settings, are not taken up again.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

import benchmarks.ct_phantom
import napari_hypseg

T = TypeVar("T")
MEASURED = ("methods", "nn", "pipeline", "training", "volumes")
"""Packages of the product on which a measurement depends."""


class KeptRows(Generic[T]):
    """A file of rows.

    Parameters
    ----------
    path
        Where they are kept; they are appended to what is there.
    kind
        Dataclass of a row.
    settings
        What they are measured with, beside the code.
    """

    def __init__(self, path: Path, kind: type[T], settings: str) -> None:
        self._path = path
        self._rows = TypeAdapter(kind)
        self._measured_with = hashlib.sha256(f"{code_digest()} {settings}".encode()).hexdigest()[:16]

    def read(self) -> list[T]:
        """Those that this code measured with these settings; a line cut short by a stop is left out."""
        text = self._path.read_text("utf-8") if self._path.exists() else ""
        found = (self._parsed(line) for line in text.splitlines())
        return [row for row in found if row is not None]

    def add(self, row: T) -> None:
        """Keep one more, at once."""
        line = json.dumps({"measured_with": self._measured_with, "row": self._rows.dump_python(row, mode="json")})
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _parsed(self, line: str) -> T | None:
        try:
            record = json.loads(line)
            return self._rows.validate_python(record["row"]) if record["measured_with"] == self._measured_with else None
        except (ValueError, TypeError, KeyError, ValidationError):
            return None


def code_digest() -> str:
    """Digest of the code that measures: what finds samples and what makes the scans."""
    product, scans = Path(napari_hypseg.__file__).parent, Path(benchmarks.ct_phantom.__file__).parent
    return digest_of([*(product / name for name in MEASURED), scans])


def digest_of(folders: Sequence[Path]) -> str:
    """Digest of the names and contents of the modules in some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.relative_to(folder.parent).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
