"""Which structures or regions of a project a command is about."""

import argparse
from collections.abc import Sequence

from napari_hypseg.cli.parsing.segmented_project import add_tree
from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.trees import DEFAULT_TREE
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.pipeline.measured import NamedMask, region_masks, structure_masks
from napari_hypseg.project.project import Project
from napari_hypseg.project.structure_image import regions_only, structure_image


def add_objects(parser: argparse.ArgumentParser) -> None:
    """The choice among the structures, or the regions of a level."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--structure",
        action="append",
        default=[],
        metavar="NAME",
        help="a structure made in the window, by its name; may be given several times",
    )
    which.add_argument("--cut", type=int, metavar="K", help="the regions of a cut into K [default: of the slider]")
    which.add_argument("--level", metavar="NAME", help="the regions of a level that was kept in the window")
    parser.add_argument(
        "--region",
        type=int,
        action="append",
        default=[],
        metavar="N",
        help="only this region of --cut or --level; may be given several times",
    )
    add_tree(parser, f"the tree whose regions are meant [default {DEFAULT_TREE}]")


def chosen_objects(arguments: argparse.Namespace, project: Project) -> tuple[NamedMask, ...]:
    """What the flags name; without any all structures, or the regions of the slider if there are none.

    Raises
    ------
    SettingError
        If there is no such structure, level or region.
    """
    _refuse_what_contradicts(arguments)
    if arguments.structure:
        return structure_masks(project, arguments.structure, arguments.specimen)
    if not _names_regions(arguments) and has_structures(project):
        return structure_masks(project, (), arguments.specimen)
    return _regions(arguments, project, arguments.region)


def chosen_labels(arguments: argparse.Namespace, project: Project) -> LabelImage:
    """What the flags name as labels; without any all structures, or the regions of the slider if there are none.

    Raises
    ------
    SettingError
        If there is no such structure, level or region.
    """
    _refuse_what_contradicts(arguments)
    if arguments.structure or (has_structures(project) and not _names_regions(arguments)):
        return structure_image(project, arguments.structure, arguments.specimen)
    level = project.level(arguments.level) if arguments.level else project.cut(arguments.cut)
    image = project.label_image(level, arguments.specimen)
    return regions_only(image, arguments.region) if arguments.region else image


def named_object(arguments: argparse.Namespace, project: Project, name: str) -> NamedMask:
    """One structure by its name, or one region of the level that the flags name by its number.

    Raises
    ------
    SettingError
        If there is neither.
    """
    by_level = arguments.cut is not None or arguments.level is not None or arguments.tree is not None
    if (by_level or not has_structures(project)) and name.isdecimal():
        return _regions(arguments, project, [int(name)])[0]
    return structure_masks(project, [name], arguments.specimen)[0]


def has_structures(project: Project) -> bool:
    """Whether anybody made a structure."""
    return project.structures is not None and bool(project.structures.annotation.structures)


def _names_regions(arguments: argparse.Namespace) -> bool:
    """Whether a flag says that regions are meant."""
    named = (arguments.cut, arguments.level, arguments.tree)
    return any(flag is not None for flag in named) or bool(arguments.region)


def _refuse_what_contradicts(arguments: argparse.Namespace) -> None:
    if arguments.structure and arguments.region:
        raise SettingError("--region belongs to --cut or --level; name one of them, or leave --region out.")
    if arguments.structure and arguments.tree:
        raise SettingError("A structure is in no tree; leave --tree out.")
    if arguments.level and arguments.tree:
        raise SettingError("A level is of the tree it was kept from; leave --tree out.")


def _regions(arguments: argparse.Namespace, project: Project, regions: Sequence[int]) -> tuple[NamedMask, ...]:
    level = project.level(arguments.level) if arguments.level else project.cut(arguments.cut)
    return region_masks(project, level, regions, arguments.specimen)
