"""The segmented specimen that a command wants to take regions from: its flag, and opening its project."""

import argparse
from pathlib import Path

from napari_hypseg.cli.display.display import Display
from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.hierarchy.trees import TREES
from napari_hypseg.project.project import Project


def add_specimen(parser: argparse.ArgumentParser) -> None:
    """The choice among several specimens that share a tree."""
    parser.add_argument(
        "--specimen", type=int, default=0, metavar="N", help="which of several specimens, counted from 0 [default 0]"
    )


def add_tree(parser: argparse._ActionsContainer, purpose: str) -> None:
    """The choice among the trees over the leaves; `purpose` says what for."""
    words = ", ".join(f"{kind.name}: {kind.description}" for kind in TREES.values())
    parser.add_argument("--tree", choices=tuple(TREES), help=f"{purpose}; {words}")


def open_segmented(path: Path, specimen: int, display: Display, tree: str | None = None) -> tuple[Project, Hierarchy]:
    """The project and the tree called `tree`, by default that which is cut unless another is asked for.

    What is damaged or missing is said, and ends it only if it is the segmentation.

    Raises
    ------
    ProjectError
        If there is no project, or no segmentation in it.
    InputError
        If it has no such specimen.
    SettingError
        If it has no such tree.
    """
    project = Project.open(path)
    if project.hierarchy is None:
        nothing = f"{path} is not segmented yet; do it with: hypseg run --resume --out {path}"
        raise ProjectError(" ".join(project.damage) or nothing)
    project.specimen_record(specimen)
    for sentence in (*project.damage, *project.source_notes()):
        display.note(sentence)
    if tree is not None:
        project.choose_tree(tree)
    return project, project.hierarchy
