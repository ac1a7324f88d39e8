"""Flags of the method that is used, and the flags of every other method in the help.

A method or localizer found by entry point appears here by itself. They share names of settings (``latent_dim``), so
only those of the chosen one are flags; the help lists the others with the ``--method`` they need.
"""

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from napari_hypseg.cli.parsing.flags import add_settings, fields
from napari_hypseg.cli.parsing.parser import Parser
from napari_hypseg.config_base import Config
from napari_hypseg.methods.registry import get_localizer, get_method, localizers, methods
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.project.run_settings import RunSettings


class Choice(Protocol):
    """A method or a localizer."""

    @property
    def name(self) -> str:
        """Word of the command."""
        ...

    @property
    def title(self) -> str:
        """What a person calls it."""
        ...

    @property
    def description(self) -> str:
        """What it does, in a sentence."""
        ...

    @property
    def settings(self) -> type[Config]:
        """Class of its settings."""
        ...


@dataclass(frozen=True)
class Choices:
    """What ``--method`` chooses from.

    Parameters
    ----------
    there
        Everything that is installed, by name.
    get
        The one of a name, or a `SettingError` that lists what there is.
    default
        Name of the one that is taken if none is named.
    purpose
        What it does, for the help.
    """

    there: Callable[[], Mapping[str, Choice]]
    get: Callable[[str], Choice]
    default: str
    purpose: str


LEARNING = Choices(methods, get_method, RunSettings.model_fields["method"].default, "how to learn")
LOCATING = Choices(localizers, get_localizer, LocateSettings.model_fields["method"].default, "how to find the sample")


def add_method(parser: Parser, words: Sequence[str], choices: Choices = LEARNING) -> None:
    """Give `parser` the choice of a method, the settings of the chosen one, and help on the others.

    Raises
    ------
    SettingError
        If no method of the chosen name is installed.
    """
    chosen = choices.get(named(words, choices))
    there = choices.there()
    group = parser.add_argument_group("method")
    group.add_argument(
        "--method",
        choices=list(there),
        default=chosen.name,
        help=f"{choices.purpose} [default {choices.default}]",
    )
    _add_group(parser, chosen)
    for method in there.values():
        if method.name != chosen.name:
            other = Parser(add_help=False, usage=argparse.SUPPRESS)
            _add_group(other, method)
            parser.appendix += "\n" + other.format_help()
            for flag in other.flags:
                parser.elsewhere.setdefault(flag, []).append(method.name)


def _add_group(parser: Parser, method: Choice) -> None:
    group = parser.add_argument_group(f"{method.title} (--method {method.name})", method.description)
    add_settings(group, method.name, method.settings)


def named(words: Sequence[str], choices: Choices = LEARNING) -> str:
    """The method named in `words`, or else that of a flag which names it, before the flags are known."""
    search = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    search.add_argument("--method")
    try:
        name = search.parse_known_args(list(words))[0].method
    except argparse.ArgumentError:  # --method without a name: the real parser says so
        return choices.default
    return str(name or _implied({word.partition("=")[0] for word in words}, choices) or choices.default)


def _implied(flags: Collection[str], choices: Choices) -> str | None:
    """The method of which one of `flags` is enough to name it, such as ``--prior``."""
    for method in choices.there().values():
        for setting, schema in fields(method.settings):
            if schema.get("names_method") and f"--{setting.replace('_', '-')}" in flags:
                return method.name
    return None
