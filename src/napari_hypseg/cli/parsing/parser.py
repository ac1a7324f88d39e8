"""The argument parser of `hypseg` and of each command: one sentence for a mistake, help with an example."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
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

NO_WHOLE_NUMBER = re.compile(r"^argument (\S+): invalid int value: (.*)$")
"""What argparse says of a value that is no whole number."""


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
    elsewhere
        Flags that only other methods have, with the names of these.
    """

    def __init__(self, *words: Any, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        settings.setdefault("allow_abbrev", False)
        super().__init__(*words, **settings)
        self.appendix = ""
        self.elsewhere: dict[str, list[str]] = {}

    @property
    def flags(self) -> tuple[str, ...]:
        """Every flag, long and short."""
        return tuple(self._option_string_actions)

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
        sentence = NO_WHOLE_NUMBER.sub(r"\1 \2 is not a whole number", message)
        raise SettingError(f"{sentence[:1].upper()}{sentence[1:]} ({self.prog} --help explains).")

    def parse_args(self, *words: Any, **settings: Any) -> Any:
        """Parse; a word that means nothing is refused by the parser of the command, which knows its flags."""
        arguments, unknown = self.parse_known_args(*words, **settings)
        if unknown:
            getattr(arguments, "refuse", self.refuse)(unknown[0])
        return arguments

    def refuse(self, word: str) -> NoReturn:
        """Say why `word` cannot be taken, and what was meant perhaps.

        Raises
        ------
        SettingError
            Always.
        """
        flag = word.partition("=")[0]
        if methods := self.elsewhere.get(flag):
            raise SettingError(f"{flag} belongs to --method {' or '.join(methods)}; name that, or leave {flag} out.")
        kind = "flag" if flag.startswith("-") else "further word"
        self.error(f"there is no {kind} {flag} here{_did_you_mean(flag, self.flags)}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that is most like `word` as a question, empty if none is."""
    alike = get_close_matches(word, list(known), n=1)
    return f"; did you mean {alike[0]}?" if alike else ""


def build_parser(words: Sequence[str], program: Program = HYPSEG) -> Parser:
    """The whole parser, with only the command named in `words` worked out.

    Raises
    ------
    SettingError
        If the first word is no command.
    """
    parser = Parser(prog=program.name, description=program.description, epilog=program.epilog)
    parser.add_argument("--version", action="version", version=f"napari-hypseg {version('napari-hypseg')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", parser_class=Parser)
    wanted = next((word for word in words if not word.startswith("-")), None)
    names = [entry.name for entry in program.commands]
    if wanted is not None and wanted == words[0] and wanted not in names:
        parser.error(f"there is no command {wanted}{_did_you_mean(wanted, names) or '; choose ' + ', '.join(names)}")
    for entry in program.commands:
        child = commands.add_parser(entry.name, help=entry.summary)
        if entry.name == wanted:
            module = entry.load()
            module.configure(child, words)
            child.set_defaults(execute=module.execute, refuse=child.refuse)
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """The switch that every command but `gui` has."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object and nothing else, for other programs"
    )
