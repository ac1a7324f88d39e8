"""The segmented specimen that a command wants to take regions from: its flag, and opening its project."""

import argparse
from pathlib import Path

from napari_hypseg.cli.display.display import Display
from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.project.project import Project


def add_specimen(parser: argparse.ArgumentParser) -> None:
    """The choice among several specimens that share a tree."""
    parser.add_argument(
        "--specimen", type=int, default=0, metavar="N", help="which of several specimens, counted from 0 [default 0]"
    )


def open_segmented(path: Path, specimen: int, display: Display) -> tuple[Project, Hierarchy]:
    """The project and its tree; what is damaged or missing is said, and ends it only if it is the segmentation.

    Raises
    ------
    ProjectError
        If there is no project, or no segmentation in it.
    InputError
        If it has no such specimen.
    """
    project = Project.open(path)
    if project.hierarchy is None:
        nothing = f"{path} is not segmented yet; do it with: hypseg run --resume --out {path}"
        raise ProjectError(" ".join(project.damage) or nothing)
    project.specimen_record(specimen)
    for sentence in (*project.damage, *project.source_notes()):
        display.note(sentence)
    return project, project.hierarchy
