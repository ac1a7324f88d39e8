"""`hypseg score`: how well the regions of a project match labels that are known."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parser import add_json
from napari_hypseg.cli.parsing.segmented_project import add_specimen, open_segmented
from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.contingency import contingency_job
from napari_hypseg.hierarchy.cuts import check_n_regions
from napari_hypseg.hierarchy.scores import score_report
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.project.specimen_grid import on_specimen_grid
from napari_hypseg.volumes import LazyArray, VoxelSizeNote
from napari_hypseg.volumes.binning import BinnedArray, BinnedLabels, BinnedMask

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable
    from rich.table import Table

DEFAULT_CUTS = (2, 4, 8)

DESCRIPTION = """\
Compare a segmentation with known labels, a volume of whole numbers on the same grid. For each number of regions,
regions are matched one to one with the true classes (background included) so that their Dice is highest. For a group
of classes, the best single region of the whole tree is found, the best union of leaves, how few regions have to be
picked for a Dice of 0.85, and what is reached after a few clicks by somebody who always clicks where something is
still wrong and takes the region around that helps most (mean of 12 simulated persons)."""
EPILOG = """\
examples:
  hypseg score cell.hypseg --truth labels.mrc
  hypseg score brain.hypseg --truth seg.nii.gz --group whole=1,2,4 --group core=1,4 --cuts 2,4,8 --json"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="NAME.hypseg", help="the project folder")
    parser.add_argument("--truth", required=True, metavar="FILE", help="volume of known labels, 0 is background")
    parser.add_argument("--mask", metavar="FILE", help="count only voxels where this volume is above 0")
    parser.add_argument(
        "--group",
        action="append",
        default=[],
        type=parse_group,
        metavar="NAME=1,3,4",
        help="labels that belong together, to be found anywhere in the tree; may be given several times",
    )
    parser.add_argument(
        "--cuts",
        type=parse_numbers,
        metavar="K,K,…",
        help=f"numbers of regions to compare [default {','.join(map(str, DEFAULT_CUTS))}]",
    )
    add_specimen(parser)
    add_json(parser)


def parse_numbers(text: str) -> tuple[int, ...]:
    """Whole numbers from ``"2,4,8"``.

    Raises
    ------
    SettingError
        If `text` is something else.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise SettingError(f"{text!r} is not a list of whole numbers; write them as 2,4,8.") from error


def parse_group(text: str) -> tuple[str, tuple[int, ...]]:
    """Name and labels from ``"NAME=1,3,4"``.

    Raises
    ------
    SettingError
        If `text` is something else.
    """
    name, equals, labels = text.partition("=")
    if not (name and equals and labels):
        raise SettingError(f"--group {text!r} is not a group; write it as NAME=1,3,4.")
    return name, parse_numbers(labels)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Count and compare.

    Raises
    ------
    HypsegError
        If the project, the truth, the mask or a number of regions cannot be used.
    """
    project, tree = open_segmented(arguments.project, arguments.specimen, display)
    leaves = project.leaves[arguments.specimen]
    cuts = arguments.cuts or [k for k in DEFAULT_CUTS if k <= tree.n_leaves]
    for k in cuts:
        check_n_regions(tree, k)  # a number that cannot be had is known before the work
    truth = _on_grid(arguments.truth, project, arguments.specimen, display)
    mask = _on_grid(arguments.mask, project, arguments.specimen, display, BinnedMask) if arguments.mask else None
    table = drive_interruptible(contingency_job(leaves, truth, tree.n_leaves, mask, arguments.truth), display.show)
    trees = tuple(project.hierarchies.values())
    scores = score_report(table, tree, cuts, dict(arguments.group), trees).as_dict()
    return Outcome({"project": arguments.project, "specimen": arguments.specimen, **scores}, _summary(scores))


def _on_grid(
    path: str, project: Project, specimen: int, display: Display, kind: type[BinnedArray] = BinnedLabels
) -> LazyArray:
    """The first channel of a file in the voxels of a specimen; what was assumed for that is shown.

    Raises
    ------
    InputError
        If it cannot be read or lies on another grid.
    """
    volume = on_specimen_grid(open_volume(path), project, specimen, kind)
    for note in volume.notes:
        if not isinstance(note, VoxelSizeNote):
            display.note(note)
    return volume.channels[0]


def _summary(scores: Mapping[str, Any]) -> ConsoleRenderable:
    from rich.console import Group

    tables = [_cut_table(scores["cuts"])]
    if scores["groups"]:
        tables.append(_group_table(scores["groups"]))
    return Group(*tables)


def _cut_table(cuts: Mapping[str, Any]) -> Table:
    from rich.table import Table

    classes = list(dict.fromkeys(label for score in cuts.values() for label in score["per_class"]))
    table = Table("regions", "mean Dice", *(f"class {label}" for label in classes))
    for k, score in cuts.items():
        table.add_row(k, *(f"{dice:.3f}" for dice in (score["matched_dice"], *score["per_class"].values())))
    return table


def _group_table(groups: Mapping[str, Any]) -> Table:
    from rich.table import Table

    numbers = list(next(iter(groups.values()))["dice_after_clicks"])
    after = [f"after {n} {'click' if n == '1' else 'clicks'}" for n in numbers]
    table = Table("group", "Dice of the best region", "of the best union of leaves", *after, "regions to pick for 0.85")
    for name, score in groups.items():
        fewest = score["clicks_to_85"]
        dice = (score["best_node_dice"], score["leaf_union_dice"], *score["dice_after_clicks"].values())
        table.add_row(name, *(f"{one:.3f}" for one in dice), "–" if fewest is None else str(fewest))
    return table
