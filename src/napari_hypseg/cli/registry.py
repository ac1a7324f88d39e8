"""The commands by name. Only the module of the command that was asked for is imported, so that help is instant."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome


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


COMMAND_FILES = "napari_hypseg.cli.commands"
COMMANDS = (
    CommandEntry("demo", "see everything work on a generated tomogram, in about two minutes", f"{COMMAND_FILES}.demo"),
    CommandEntry("info", "what is in a volume or a project", f"{COMMAND_FILES}.info"),
    CommandEntry("locate", "find the sample in volumes that are mostly empty, and crop", f"{COMMAND_FILES}.locate"),
    CommandEntry("run", "learn from tomograms and segment them, from file to tree of regions", f"{COMMAND_FILES}.run"),
    CommandEntry("apply", "carry what was learned and named to other volumes", f"{COMMAND_FILES}.apply"),
    CommandEntry(
        "send-back", "do what was corrected in one applied volume in the common project", f"{COMMAND_FILES}.send_back"
    ),
    CommandEntry("prior", "learn from label files how specimens of one kind look", f"{COMMAND_FILES}.prior"),
    CommandEntry(
        "export", "write a level of a segmentation, or what was learned, as a file", f"{COMMAND_FILES}.export"
    ),
    CommandEntry("measure", "count and measure structures, regions or their pieces", f"{COMMAND_FILES}.measure"),
    CommandEntry("particles", "find, count and hand on particles", f"{COMMAND_FILES}.particles"),
    CommandEntry("classify", "sort particles by what they are, and average each class", f"{COMMAND_FILES}.classify"),
    CommandEntry("replay", "make the structures of one project again in another", f"{COMMAND_FILES}.replay"),
    CommandEntry("score", "compare a segmentation with known labels", f"{COMMAND_FILES}.score"),
    CommandEntry("regroup", "make the trees of a project anew, without learning again", f"{COMMAND_FILES}.regroup"),
    CommandEntry("relink", "tell a project where its volumes are now", f"{COMMAND_FILES}.relink"),
    CommandEntry("gui", "open napari with the segmentation panel", f"{COMMAND_FILES}.gui"),
)
