"""Structures of the classes that a method knows beforehand: what a person would else have named by hand."""

from collections.abc import Mapping

from napari_hypseg.pipeline.build_segmentation import NAMED
from napari_hypseg.project.project import Project
from napari_hypseg.project.project_structures import ProjectStructures
from napari_hypseg.project.records import Segmentation
from napari_hypseg.structures.colours import next_colours
from napari_hypseg.structures.edits import MakeStructure

PIECES = 8
"""Regions for each structure that the slider shows: what a click corrects is a piece of one, not several at once."""


def name_regions(project: Project) -> int:
    """Make a structure of each class that has leaves; returns how many were made.

    Nothing is made where there are structures already, or where a person has changed those of earlier regions: their
    edits are carried over instead.

    Raises
    ------
    ProjectError
        If the project was opened for reading.
    OutputError
        If the disk is full.
    """
    segmentation, structures = project.segmentation, project.structures
    if segmentation is None or structures is None or structures.steps:
        return 0
    named = _named(segmentation)
    if not named or (project.superseded is not None and not _is_untouched(project.superseded)):
        return 0
    project.superseded = None
    for (name, leaves), colour in zip(named.items(), next_colours((), len(named)), strict=True):
        structures.do(MakeStructure(name=name, colour=colour, leaves=leaves))
    return len(named)


def show_pieces(project: Project, named: int) -> None:
    """Move the slider to `PIECES` times as many regions as structures are `named`, unless it shows more.

    Raises
    ------
    ProjectError
        If the project was opened for reading.
    OutputError
        If the disk is full.
    """
    segmentation = project.segmentation
    fine = 0 if segmentation is None else min(segmentation.hierarchy.n_leaves, PIECES * named)
    if project.n_regions < fine:
        project.set_regions(fine)
        project.save()


def _is_untouched(earlier: ProjectStructures) -> bool:
    """Whether all that was edited is what this made."""
    named = _named(earlier.segmentation)
    made = [(one.edit.name, one.edit.leaves) for one in earlier.steps if isinstance(one.edit, MakeStructure)]
    return len(made) == len(earlier.steps) and made == list(named.items())


def _named(segmentation: Segmentation) -> Mapping[str, str]:
    named = segmentation.record.get(NAMED, {})
    return named if isinstance(named, Mapping) else {}
