"""`hypseg replay`: the structures of one project made again in another one of the same specimens."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.formatting import counted
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.cli.parsing.segmented_project import open_segmented
from napari_hypseg.errors import SettingError
from napari_hypseg.pipeline.replay import replay
from napari_hypseg.project.project import Project

DESCRIPTION = """\
Do the edits of one project, those that were not undone, again on another one: on a copy, or on a project of the same
specimens that was learned anew, whose regions are other ones. There a region belongs to a structure if more than half
of it did before. Edits are added to those the other project has; undo takes them back one by one."""
EPILOG = """\
examples:
  hypseg replay monday.hypseg --onto tuesday.hypseg"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="NAME.hypseg", help="the project whose edits are replayed")
    parser.add_argument("--onto", type=Path, required=True, metavar="OTHER.hypseg", help="the project they are done on")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Replay.

    Raises
    ------
    HypsegError
        If one of the projects cannot be opened or written, or they do not fit.
    """
    source, _ = open_segmented(arguments.project, 0, display)
    if arguments.onto.resolve() == arguments.project.resolve():
        raise SettingError("A project cannot be replayed onto itself; name another one, a copy for instance.")
    target = Project.open(arguments.onto, write=True)
    try:
        target.access.require()
        replayed = drive_interruptible(replay(source, target), display.show)
    finally:
        target.close()
    for left_out in replayed.left_out:
        display.note(f"Left out: {left_out}.")
    record = {"path": target.path, "done": list(replayed.done), "left_out": list(replayed.left_out)}
    return Outcome(record, f"{counted(len(replayed.done), 'edit')} done on {target.path}.")
