"""A file of records beside a page, one a line: what was measured before stays until it is measured again."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

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


def load_kept(path: Path, made: Callable[[Mapping[str, Any]], K]) -> list[K]:
    """The records in a file, each `made` from its values; none if the file is not there.

    Raises
    ------
    OutputError
        If it is there and cannot be read.
    """
    if not path.exists():
        return []
    try:
        return [made(one) for one in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"The measurements in {path} cannot be read; move the file away or name another --out."
        ) from error


def add_kept(path: Path, old: Iterable[K], new: Iterable[K]) -> list[K]:
    """Write the `old` records of a file and `new` ones, which take the place of older ones of the same; returns all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    kept = {one.key: one for one in (*old, *new)}
    with replacing(path) as temporary:
        lines = ",\n".join(json.dumps(asdict(one), sort_keys=True) for one in kept.values())
        temporary.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    return list(kept.values())
