"""`hypseg regroup`: make the trees of a project anew over the leaves that it has."""

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.errors import ProjectError
from napari_hypseg.project.project import Project

DESCRIPTION = """\
Make the trees over the leaves of a project anew, parts and kinds, as this version makes them: for a project of an
earlier version, which has one tree. Nothing is learned again, and the leaves stay as they are. Structures stay; kept
levels stay those of the earlier trees."""
EPILOG = """\
examples:
  hypseg regroup cell.hypseg"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="NAME.hypseg", help="the project folder")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Regroup.

    Raises
    ------
    HypsegError
        If there is no such project, or it cannot be written to, or it is not segmented.
    """
    from napari_hypseg.pipeline.regroup import regroup
    from napari_hypseg.pipeline.replay import carry_over

    with closing(Project.open(arguments.project, write=True, what="hypseg regroup")) as project:
        project.access.require()
        if project.segmentation is None and project.damage:
            raise ProjectError(" ".join(project.damage))
        before = None if project.segmentation is None else project.segmentation.fingerprint
        fingerprint = drive_interruptible(regroup(project), display.show)
        project.reload()
        replayed = drive_interruptible(carry_over(project), display.show)
        for left_out in replayed.left_out:
            display.note(f"Left out: {left_out}.")
        trees = list(project.hierarchies)
        leaves = project.hierarchy.n_leaves if project.hierarchy is not None else 0
    changed = fingerprint != before
    record = {"path": project.path, "trees": trees, "leaves": leaves, "changed": changed}
    what = f"{' and '.join(trees)} over {leaves} leaves"
    said = f"{project.path} has new trees: {what}." if changed else f"{project.path} has these trees already: {what}."
    return Outcome(record, said)
