"""Groups of labels that have a name: from a file that gives each label its path from the whole to the part."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from napari_hypseg.errors import InputError

Paths = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class Group:
    """Labels that together are one structure.

    Parameters
    ----------
    name
        Its own word, or its whole path where another structure has the same word.
    level
        Length of its path: 1 for a whole.
    labels
        Ascending; all occur.
    """

    name: str
    level: int
    labels: tuple[int, ...]


def read_paths(path: Path) -> dict[int, tuple[str, ...]]:
    """Path of each label from a JSON file; words behind the number of a label are a remark.

    Raises
    ------
    InputError
        If the file is something else.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {int(label.split()[0]): tuple(map(str, names)) for label, names in record.items()}
    except (OSError, ValueError, AttributeError, TypeError, IndexError) as error:
        raise InputError(f"{path} does not name the path of each label ({error}); restore it from a copy.") from error


def groups_of(paths: Paths, occurring: Collection[int]) -> tuple[Group, ...]:
    """Every structure of which labels occur, wholes before their parts; of two that are the same the whole.

    What holds all labels that occur is left out: the root of any tree is that.
    """
    members: dict[tuple[str, ...], list[int]] = {}
    for label in sorted(set(paths) & set(occurring)):
        for level in range(1, len(paths[label]) + 1):
            members.setdefault(paths[label][:level], []).append(label)
    by_labels: dict[tuple[int, ...], tuple[str, ...]] = {}
    for path in sorted(members, key=len):
        by_labels.setdefault(tuple(members[path]), path)
    by_labels.pop(tuple(sorted(occurring)), None)
    words = Counter(path[-1] for path in by_labels.values())
    return tuple(
        Group(path[-1] if words[path[-1]] == 1 else " / ".join(path), len(path), labels)
        for labels, path in by_labels.items()
    )
