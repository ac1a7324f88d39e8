"""The argument parser of `hypseg` and of each command: one sentence for a mistake, help with an example."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, NoReturn

from napari_hypseg.cli.registry import COMMANDS, CommandEntry
from napari_hypseg.errors import SettingError

DESCRIPTION = """\
Unsupervised, hierarchical segmentation of 3D volumes, without a single label drawn.

A specimen is one tomogram or image volume (MRC, TIFF, NIfTI, NumPy, HDF5 or OME-Zarr). What is learned and
found goes into one project folder, NAME.hypseg, from which masks of any granularity can be exported."""

EPILOG = """\
A first session:
  hypseg demo
  hypseg info tomogram.mrc
  hypseg run tomogram.mrc --out tomogram.hypseg --minutes 2
  hypseg export tomogram.hypseg --cut 8 --out regions.mrc

Each command explains itself: hypseg run --help"""


@dataclass(frozen=True)
class Program:
    """A program of several commands: what it is called, what its help says, and its commands."""

    name: str
    description: str
    epilog: str
    commands: Sequence[CommandEntry]


HYPSEG = Program("hypseg", DESCRIPTION, EPILOG, COMMANDS)


class Parser(argparse.ArgumentParser):
    """Argument parser whose mistakes are the project's own errors, and whose help can be continued.

    Attributes
    ----------
    appendix
        Text behind the help.
    """

    def __init__(self, *words: Any, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        settings.setdefault("allow_abbrev", False)
        super().__init__(*words, **settings)
        self.appendix = ""

    def format_help(self) -> str:
        """Help of the parser with the appendix behind it."""
        return super().format_help() + self.appendix

    def error(self, message: str) -> NoReturn:
        """Raise the mistake.

        Raises
        ------
        SettingError
            Always, with exit code 2 as is usual for wrong usage.
        """
        sentence = message[:1].upper() + message[1:]
        raise SettingError(f"{sentence} ({self.prog} --help explains).")


def build_parser(words: Sequence[str], program: Program = HYPSEG) -> Parser:
    """The whole parser, with only the command named in `words` worked out."""
    parser = Parser(prog=program.name, description=program.description, epilog=program.epilog)
    parser.add_argument("--version", action="version", version=f"napari-hypseg {version('napari-hypseg')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", parser_class=Parser)
    wanted = next((word for word in words if not word.startswith("-")), None)
    for entry in program.commands:
        child = commands.add_parser(entry.name, help=entry.summary)
        if entry.name == wanted:
            module = entry.load()
            module.configure(child, words)
            child.set_defaults(execute=module.execute)
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """The switch that every command but `gui` has."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object and nothing else, for other programs"
    )
