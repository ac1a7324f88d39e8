"""A file of records beside a page, one a line: what was measured before stays until it is measured again."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from napari_hypseg.errors import OutputError
from napari_hypseg.storage.atomic import replacing


class Keyed(Protocol):
    """A dataclass of plain values."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        ...


K = TypeVar("K", bound=Keyed)


class RecordStore(Generic[K]):
    """Files of records of one kind.

    Parameters
    ----------
    made
        Makes a record from its values.
    """

    def __init__(self, made: Callable[[Mapping[str, Any]], K]) -> None:
        self._made = made

    def load(self, path: Path) -> list[K]:
        """The records in a file, none if it is not there.

        Raises
        ------
        OutputError
            If it is there and cannot be read.
        """
        if not path.exists():
            return []
        try:
            return [self._made(one) for one in json.loads(path.read_text(encoding="utf-8"))]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"The measurements in {path} cannot be read; move the file away or name another --out."
            ) from error

    def add(self, path: Path, new: Iterable[K]) -> list[K]:
        """Put records into a file, in place of older ones of the same; returns all that are in it now.

        Raises
        ------
        OutputError
            If the file cannot be read or written.
        """
        kept = {one.key: one for one in (*self.load(path), *new)}
        with replacing(path) as temporary:
            lines = ",\n".join(json.dumps(asdict(one), sort_keys=True) for one in kept.values())
            temporary.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        return list(kept.values())
