"""Flags of the method that is used, and the flags of every other method in the help.

A method found by entry point appears here by itself. Methods share names of settings (``latent_dim``), so only those
of the chosen one are flags; the help lists the others with the ``--method`` they need.
"""

import argparse
from collections.abc import Sequence

from napari_hypseg.cli.flags import add_settings
from napari_hypseg.cli.parser import Parser
from napari_hypseg.methods.base import Method
from napari_hypseg.methods.registry import get_method, methods
from napari_hypseg.project.settings import RunSettings

DEFAULT_METHOD: str = RunSettings.model_fields["method"].default


def add_method(parser: Parser, words: Sequence[str]) -> None:
    """Give `parser` the choice of a method, the settings of the chosen one, and help on the others.

    Raises
    ------
    SettingError
        If no method of the chosen name is installed.
    """
    chosen = get_method(chosen_method(words))
    found = methods()
    group = parser.add_argument_group("method")
    group.add_argument(
        "--method", choices=list(found), default=DEFAULT_METHOD, help=f"how to learn [default {DEFAULT_METHOD}]"
    )
    _add_group(parser, chosen)
    for method in found.values():
        if method.name != chosen.name:
            other = Parser(add_help=False, usage=argparse.SUPPRESS)
            _add_group(other, method)
            parser.appendix += "\n" + other.format_help()


def _add_group(parser: Parser, method: Method) -> None:
    group = parser.add_argument_group(f"{method.title} (--method {method.name})", method.description)
    add_settings(group, method.name, method.settings)


def chosen_method(words: Sequence[str]) -> str:
    """The method named in `words`, before its flags are known."""
    search = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    search.add_argument("--method", default=DEFAULT_METHOD)
    try:
        return str(search.parse_known_args(list(words))[0].method)
    except argparse.ArgumentError:  # --method without a name: the real parser says so
        return DEFAULT_METHOD
