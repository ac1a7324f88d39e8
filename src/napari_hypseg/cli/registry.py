"""The commands by name. Only the module of the command that was asked for is imported, so that help is instant."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

    from napari_hypseg.cli.display import Display


@dataclass(frozen=True)
class Outcome:
    """What a command found or made.

    Parameters
    ----------
    record
        Plain values for ``--json``.
    summary
        The same for a person: text or a table.
    exit_code
        Other than 0 if some of the work could not be done.
    """

    record: Mapping[str, Any]
    summary: str | ConsoleRenderable
    exit_code: int = 0


class CommandModule(Protocol):
    """What the file of a command has to offer."""

    def configure(self, parser: ArgumentParser, words: Sequence[str]) -> None:
        """Give `parser` its help and arguments; `words` are those of the command line."""

    def execute(self, arguments: Namespace, display: Display) -> Outcome:
        """Do it, telling `display` what happens meanwhile."""


@dataclass(frozen=True)
class CommandEntry:
    """A command that is imported when it is wanted."""

    name: str
    summary: str
    module: str

    def load(self) -> CommandModule:
        """Import the file of the command."""
        return cast(CommandModule, import_module(self.module))


COMMANDS = (
    CommandEntry("demo", "see everything work on a generated tomogram, in about two minutes", "napari_hypseg.cli.demo"),
    CommandEntry("info", "what is in a volume or a project", "napari_hypseg.cli.info"),
    CommandEntry("locate", "find the sample in volumes that are mostly empty, and crop", "napari_hypseg.cli.locate"),
    CommandEntry("run", "learn from tomograms and segment them, from file to tree of regions", "napari_hypseg.cli.run"),
    CommandEntry(
        "export", "write a level of a segmentation, or what was learned, as a file", "napari_hypseg.cli.export"
    ),
    CommandEntry("score", "compare a segmentation with known labels", "napari_hypseg.cli.score"),
    CommandEntry("relink", "tell a project where its volumes are now", "napari_hypseg.cli.relink"),
    CommandEntry("gui", "open napari with the segmentation panel", "napari_hypseg.cli.gui"),
)
