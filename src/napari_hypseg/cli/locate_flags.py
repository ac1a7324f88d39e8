"""Flags of finding the sample, shared by the commands that do it."""

import argparse
from collections.abc import Sequence
from typing import Any

from napari_hypseg.cli.flags import add_settings, given
from napari_hypseg.cli.method_flags import LOCATING, add_method
from napari_hypseg.cli.parser import Parser
from napari_hypseg.methods.registry import get_localizer
from napari_hypseg.pipeline.locate import LocateSettings

OWNER = "locate"
ELSEWHERE = ("method", "model")
"""Fields that have no flag of their own name: the localizer is chosen by ``--method``, and its settings are flags."""


def add_locate(parser: Parser, words: Sequence[str]) -> None:
    """The localizer with its settings, and everything else that decides where the sample is found."""
    plain = parser.add_argument_group("how to look")
    add_settings(plain, OWNER, LocateSettings, advanced=False, leave_out=ELSEWHERE)
    add_method(parser, words, LOCATING)
    add_expert(parser)


def add_expert(parser: argparse.ArgumentParser) -> None:
    """The fields that are seldom needed."""
    expert = parser.add_argument_group("seldom needed")
    add_settings(expert, OWNER, LocateSettings, advanced=True, leave_out=ELSEWHERE)


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
