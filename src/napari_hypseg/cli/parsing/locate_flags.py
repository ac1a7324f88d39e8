"""Flags of finding the sample, shared by the commands that do it."""

import argparse
from collections.abc import Sequence
from typing import Any

from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.method_flags import LOCATING, add_method
from napari_hypseg.cli.parsing.parser import Parser
from napari_hypseg.methods.registry import get_localizer
from napari_hypseg.pipeline.locate_settings import LocateSettings

OWNER = "locate"
ELSEWHERE = ("method", "model")
"""Fields that have no flag of their own name: the localizer is chosen by ``--method``, and its settings are flags."""


def add_locate(parser: Parser, words: Sequence[str]) -> None:
    """The localizer with its settings, and everything else that decides where the sample is found."""
    _add(parser, "how to look", advanced=False)
    add_method(parser, words, LOCATING)
    _add(parser, "seldom needed", advanced=True)


def add_fields(parser: argparse.ArgumentParser) -> None:
    """What all localizers share."""
    _add(parser, "how to look", advanced=False)
    _add(parser, "seldom needed", advanced=True)


def _add(parser: argparse.ArgumentParser, title: str, *, advanced: bool) -> None:
    add_settings(parser.add_argument_group(title), OWNER, LocateSettings, advanced=advanced, leave_out=ELSEWHERE)


def locate_settings(arguments: argparse.Namespace) -> LocateSettings:
    """Settings from the flags that were given.

    Raises
    ------
    SettingError
        If one is outside what it allows.
    """
    values: dict[str, Any] = {"method": arguments.method, **given(arguments, OWNER)}
    own = get_localizer(arguments.method).settings.check(given(arguments, arguments.method))
    changed = own.model_dump(mode="json", exclude_unset=True)
    return LocateSettings.check({**values, "model": changed} if changed else values)
