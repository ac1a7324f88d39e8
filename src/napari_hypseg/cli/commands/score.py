"""`hypseg score`: how well the regions of a project match labels that are known."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.cli.parsing.segmented_project import add_specimen, add_tree, open_segmented
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
regions of each tree are matched one to one with the true classes (background included) so that their Dice is highest.
For a group of classes, the best single region of any tree is found, the best union of leaves, how few regions of one
tree have to be picked for a Dice of 0.85, and what is reached after a few clicks by somebody who always clicks where
something is still wrong and takes the region around, of any tree, that helps most (mean of 12 simulated persons)."""
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
    add_tree(parser, "find groups in this tree and match its cuts alone [default: all trees]")
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
    project, tree = open_segmented(arguments.project, arguments.specimen, display, arguments.tree)
    hierarchies = project.hierarchies if arguments.tree is None else {tree.name: tree}
    leaves = project.leaves[arguments.specimen]
    cuts = arguments.cuts or [k for k in DEFAULT_CUTS if k <= tree.n_leaves]
    for k in cuts:
        check_n_regions(tree, k)  # a number that cannot be had is known before the work
    truth = _on_grid(arguments.truth, project, arguments.specimen, display)
    mask = _on_grid(arguments.mask, project, arguments.specimen, display, BinnedMask) if arguments.mask else None
    table = drive_interruptible(contingency_job(leaves, truth, tree.n_leaves, mask, arguments.truth), display.show)
    scores = score_report(table, hierarchies, cuts, dict(arguments.group)).as_dict()
    by_tree = scores.pop("cuts")
    record = {"tree": tree.name, "cuts": by_tree[tree.name], "cuts_by_tree": by_tree, "groups": scores["groups"]}
    said = _summary(by_tree, scores["groups"])
    return Outcome({"project": arguments.project, "specimen": arguments.specimen, **record}, said)


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


def _summary(by_tree: Mapping[str, Any], groups: Mapping[str, Any]) -> ConsoleRenderable:
    from rich.console import Group

    return Group(_cut_table(by_tree), *([_group_table(groups)] if groups else []))


def _cut_table(by_tree: Mapping[str, Any]) -> Table:
    from rich.table import Table

    every = [score for cuts in by_tree.values() for score in cuts.values()]
    classes = list(dict.fromkeys(label for score in every for label in score["per_class"]))
    table = Table("tree", "regions", "mean Dice", *(f"class {label}" for label in classes))
    for tree, cuts in by_tree.items():
        for k, score in cuts.items():
            dice = (score["matched_dice"], *score["per_class"].values())
            table.add_row(tree, k, *(f"{one:.3f}" for one in dice))
    return table


def _group_table(groups: Mapping[str, Any]) -> Table:
    from rich.table import Table

    numbers = list(next(iter(groups.values()))["dice_after_clicks"])
    after = [f"after {n} {'click' if n == '1' else 'clicks'}" for n in numbers]
    best = ("Dice of the best region", "its tree", "of the best union of leaves")
    table = Table("group", *best, *after, "regions to pick for 0.85")
    for name, score in groups.items():
        fewest = score["clicks_to_85"]
        later = (f"{dice:.3f}" for dice in (score["leaf_union_dice"], *score["dice_after_clicks"].values()))
        first = (f"{score['best_node_dice']:.3f}", score["tree"])
        table.add_row(name, *first, *later, "–" if fewest is None else str(fewest))
    return table
