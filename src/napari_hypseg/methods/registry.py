"""The registry of methods and localizers: built-in ones and those of other packages use the same entry-point groups."""

import logging
import sys
from functools import cache
from importlib import metadata
from importlib.metadata import EntryPoint
from typing import Protocol, TypeVar

from napari_hypseg.errors import SettingError
from napari_hypseg.methods.base import Method
from napari_hypseg.methods.localizers.base import Localizer

log = logging.getLogger(__name__)

METHODS = "napari_hypseg.methods"
LOCALIZERS = "napari_hypseg.localizers"


class Named(Protocol):
    """What is registered."""

    @property
    def name(self) -> str:
        """Word of the command and the saved run."""
        ...


N = TypeVar("N", bound=Named)


def methods() -> dict[str, Method]:
    """Every registered method by name; the default comes first. One that cannot be imported is logged and left out."""
    found: list[Method] = _find(METHODS)
    return _listed(found, "hyperbolic")


def localizers() -> dict[str, Localizer]:
    """Every registered localizer by name; the default comes first. One that cannot be imported is left out."""
    found: list[Localizer] = _find(LOCALIZERS)
    return _listed(found, "vote")


def get_method(name: str) -> Method:
    """The method called `name`.

    Raises
    ------
    SettingError
        Naming the methods there are.
    """
    return _pick(methods(), name, "method")


def get_localizer(name: str) -> Localizer:
    """The localizer called `name`.

    Raises
    ------
    SettingError
        Naming the localizers there are.
    """
    return _pick(localizers(), name, "localizer")


def entry_points(group: str) -> tuple[EntryPoint, ...]:
    """What the packages that can be imported register under `group`.

    Their records are read once: that takes some 20 ms, and every settings object asks for the methods.
    """
    return _read_entry_points(group, tuple(sys.path))


@cache
def _read_entry_points(group: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    return tuple(metadata.entry_points(group=group))


def _find(group: str) -> list[N]:
    found: list[N] = []
    for entry in entry_points(group):
        try:
            found.append(entry.load())
        except Exception:  # a broken one of another package must not take the others with it
            log.exception("%s cannot be loaded", entry.value)
    return found


def _listed(found: list[N], default: str) -> dict[str, N]:
    return {one.name: one for one in sorted(found, key=lambda one: (one.name != default, one.name))}


def _pick(there: dict[str, N], name: str, kind: str) -> N:
    if name not in there:
        raise SettingError(f"There is no {kind} {name!r}; choose one of: {', '.join(there)}.")
    return there[name]
