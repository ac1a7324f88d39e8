"""Finding methods: built-ins and anybody else's register through the same entry-point group."""

import logging
from importlib.metadata import entry_points

from napari_hypseg.errors import SettingError
from napari_hypseg.methods.base import Method

log = logging.getLogger(__name__)

GROUP = "napari_hypseg.methods"


def methods() -> dict[str, Method]:
    """Every registered method by name; the default comes first. One that cannot be imported is logged and left out."""
    found: list[Method] = []
    for entry in entry_points(group=GROUP):
        try:
            found.append(entry.load())
        except Exception:  # anybody may register a method; a broken one must not take the others with it
            log.exception("the method %s cannot be loaded", entry.value)
    found.sort(key=lambda method: (method.name != "hyperbolic", method.name))
    return {method.name: method for method in found}


def get_method(name: str) -> Method:
    """The method called `name`.

    Raises
    ------
    SettingError
        Naming the methods there are.
    """
    there = methods()
    if name not in there:
        raise SettingError(f"There is no method {name!r}; choose one of: {', '.join(there)}.")
    return there[name]
