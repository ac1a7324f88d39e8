"""Opening a project that a command wants to take regions from."""

from pathlib import Path

from napari_hypseg.cli.display import Display
from napari_hypseg.errors import ProjectError
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.project.project import Project


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
