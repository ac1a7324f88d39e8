"""`hypseg send-back`: what was corrected in one applied volume, done in the common project, too."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.pipeline.send_back import origin_of_applied, send_back
from napari_hypseg.project.project import Project

DESCRIPTION = """\
Do what was corrected in one applied volume in the project that was applied, too: leaves that were added to a structure
or taken away from it, and structures that are new. Each structure is one edit there, which says where it comes from and
can be undone. Started again after that, hypseg apply lets the other volumes follow; a structure that was corrected in
one of them stays as it is there.

Painted voxels belong to their volume and are not sent; names, colours and nesting are those of the common project."""
EPILOG = """\
examples:
  hypseg send-back applied/tomogram_02.hypseg
  hypseg send-back applied/tomogram_02.hypseg --structure shell
  hypseg send-back applied/tomogram_02.hypseg --to /data/cell.hypseg        (it was moved)"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="APPLIED.hypseg", help="the project in which it was corrected")
    parser.add_argument(
        "--structure",
        action="append",
        default=[],
        metavar="NAME",
        help="only this structure; can be repeated [default: all that were corrected]",
    )
    parser.add_argument("--to", type=Path, metavar="NAMED.hypseg", help="where the common project is, if it was moved")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Send.

    Raises
    ------
    HypsegError
        If one of the projects cannot be opened or written, they do not belong together, or there is nothing to send.
    """
    applied = Project.open(arguments.project, write=True)
    try:
        applied.access.require()
        source = origin_of_applied(applied).open(applied, arguments.to)
        try:
            sent = send_back(applied, source, arguments.structure)
        finally:
            source.close()
    finally:
        applied.close()
    for left_out in sent.left_out:
        display.note(f"Not sent: {left_out}.")
    record = {
        "project": applied.path,
        "to": source.path,
        "structures": [one.as_json() for one in sent.structures],
        "left_out": sent.left_out,
    }
    lines = [f"Sent to {source.path}:", *(f"  {one}" for one in sent.structures)]
    again = f"hypseg apply {shlex.quote(str(source.path))} … lets the other volumes follow."
    return Outcome(record, "\n".join([*lines, again]))
