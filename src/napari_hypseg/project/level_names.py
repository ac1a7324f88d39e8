"""Names of kept levels, which are unique."""

from dataclasses import replace

from napari_hypseg.errors import SettingError
from napari_hypseg.project.records import Level

Levels = tuple[Level, ...]


def level_named(levels: Levels, name: str, project: str) -> Level:
    """The level called `name` of a project.

    Raises
    ------
    SettingError
        Naming the levels there are.
    """
    for level in levels:
        if level.name == name:
            return level
    there = ", ".join(level.name for level in levels) or "none yet"
    raise SettingError(f"There is no level {name!r} in {project}; kept levels: {there}.")


def free_name(levels: Levels, wanted: str | None, usual: str) -> str:
    """`wanted`, or `usual` with a number that makes it a name of its own.

    Raises
    ------
    SettingError
        If `wanted` is taken.
    """
    taken = {level.name for level in levels}
    name = (wanted or "").strip()
    if name in taken:
        raise SettingError(f"There is already a level {name!r}; choose another name.")
    numbered = (usual if number == 1 else f"{usual} ({number})" for number in range(1, len(taken) + 2))
    return name or next(free for free in numbered if free not in taken)


def renamed(levels: Levels, old: str, new: str) -> Levels:
    """The levels with another name for one of them.

    Raises
    ------
    SettingError
        If `new` is empty or taken.
    """
    if not new.strip() or new in {level.name for level in levels if level.name != old}:
        raise SettingError(f"A level cannot be called {new!r}: the name is empty or taken.")
    return tuple(replace(level, name=new) if level.name == old else level for level in levels)
