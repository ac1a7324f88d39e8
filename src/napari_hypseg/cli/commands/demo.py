"""`hypseg demo`: the main job on a generated tomogram, command by command, with scores and a picture at the end."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg.cli.commands.demo_folder import DemoFolder
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.figure import Pixels, coloured, distinct_colours, draw_figure, grey
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.parsing.parser import add_json, build_parser
from napari_hypseg.hierarchy.colour.node_colours import colour_table
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.opening import open_volume
from napari_hypseg.io.writing import write_labels, write_volume
from napari_hypseg.project.project import Project
from napari_hypseg.volumes.phantom import NAMES, Phantom, phantom

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

DESCRIPTION = """\
Generate a tomogram whose structures are known, learn from it, segment it, export masks of 2, 4 and 6 regions,
compare them with the truth and draw a picture. Needs no file and no graphics card; takes about two minutes."""
EPILOG = """\
examples:
  hypseg demo
  hypseg demo --out try_it --minutes 0.5"""

EDGE = 64  # voxels
SEED = 38  # of a phantom whose six kinds can be told apart by eye
TRUTHS = {2: 1, 4: 2, 6: 3}
"""Number of regions to the level of the phantom that has as many classes."""
PROJECT = "demo.hypseg"
PICTURE = "overview.png"
TOMOGRAM = "tomogram.mrc"


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument(
        "--out", type=Path, default=Path("hypseg_demo"), metavar="DIR", help="folder to make [default hypseg_demo]"
    )
    parser.add_argument("--minutes", default="1", metavar="X", help="how long to learn [min, default 1]")
    parser.add_argument("--steps", metavar="N", help="learn for this many steps instead")
    parser.add_argument("--device", default="auto", metavar="WORD", help="auto, cuda, mps or cpu [default auto]")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Do it all.

    Raises
    ------
    HypsegError
        If a step fails; what the steps before it made stays.
    """
    out: Path = arguments.out
    folder = DemoFolder(out)
    folder.claim()
    made = phantom((EDGE, EDGE, EDGE), seed=SEED)
    display.say(f"A tomogram of {EDGE}³ voxels with {len(NAMES)} kinds of structure goes to {out}.")
    _write_files(folder, made)
    run = _run(folder, arguments, display)
    masks = [_export(folder, k, display) for k in TRUTHS]
    scores = {k: _score(out, k, display) for k in TRUTHS}
    _draw(folder, made)
    record = {
        "run": run.record,
        "masks": [mask.record["path"] for mask in masks],
        "matched_dice": scores,
        "picture": out / PICTURE,
    }
    return Outcome(record, _summary(record))


def _write_files(folder: DemoFolder, made: Phantom) -> None:
    """The tomogram, and the truth at each of its levels."""
    with folder.writing(TOMOGRAM) as path:
        write_volume(path, made.volume, made.volume.box)
    for k, level in TRUTHS.items():
        truth = made.truth(level)
        with folder.writing(truth_name(k)) as path:
            write_labels(path, LabelImage(truth.channels[0], k - 1, truth.voxel_size, truth.unit, truth.origin))


def truth_name(k: int) -> str:
    """File of the truth with `k` classes; the finest is the truth."""
    return "truth.mrc" if k == max(TRUTHS) else f"truth_{k}.mrc"


def mask_name(k: int) -> str:
    """File of the mask of `k` regions."""
    return f"regions_{k}.mrc"


def _run(folder: DemoFolder, arguments: argparse.Namespace, display: Display) -> Outcome:
    """Learn from the tomogram and segment it."""
    time = ["--steps", arguments.steps] if arguments.steps else ["--minutes", arguments.minutes]
    words = ["run", str(folder.path / TOMOGRAM), *time, "--device", arguments.device, "--overwrite"]
    with folder.writing(PROJECT) as path:
        return _perform([*words, "--out", str(path)], display)


def _export(folder: DemoFolder, k: int, display: Display) -> Outcome:
    """Write the mask of `k` regions."""
    with folder.writing(mask_name(k)) as path:
        words = ["export", str(folder.path / PROJECT), "--cut", str(k), "--out", str(path), "--overwrite"]
        return _perform(words, display)


def _perform(words: Sequence[str], display: Display) -> Outcome:
    """Carry out a command line, showing it, so that the demonstration teaches the commands."""
    display.say(f"$ hypseg {shlex.join(words)}")
    arguments = build_parser(words).parse_args(words)
    outcome: Outcome = arguments.execute(arguments, display)
    return outcome


def _score(folder: Path, k: int, display: Display) -> float:
    """How well `k` regions match the truth with as many classes."""
    words = ["score", str(folder / PROJECT), "--truth", str(folder / truth_name(k)), "--cuts", str(k)]
    cuts: Mapping[Any, Any] = _perform(words, display).record["cuts"]
    (cut,) = cuts.values()
    return float(cut["matched_dice"])


def _draw(folder: DemoFolder, made: Phantom) -> None:
    """The picture: the slice that shows most, as image, in every cut, and as it truly is."""
    project = Project.open(folder.path / PROJECT)
    assert project.hierarchy is not None
    z = _telling_slice(made.labels)
    image = np.asarray(open_volume(folder.path / TOMOGRAM).channels[0][z])
    leaves = np.asarray(project.leaves[0][z])
    cuts = [(f"{k} regions", coloured(leaves, colour_table(project.hierarchy, project.cut(k)))) for k in TRUTHS]
    truth: Pixels = coloured(made.labels[z], distinct_colours(len(NAMES)))
    with folder.writing(PICTURE) as path:
        draw_figure(path, [("tomogram", grey(image)), *cuts, ("truth", truth)])


def _telling_slice(labels: np.ndarray[Any, Any]) -> int:
    """The slice with most classes, the one nearest the middle if there are several."""
    kinds = np.array([len(np.unique(plane)) for plane in labels])
    best = np.flatnonzero(kinds == kinds.max())
    return int(best[np.abs(best - len(labels) // 2).argmin()])


def _summary(record: Mapping[str, Any]) -> ConsoleRenderable:
    from rich.console import Group
    from rich.table import Table

    table = Table("regions", "mean Dice with as many true classes", title="How well the truth was found")
    for k, dice in record["matched_dice"].items():
        table.add_row(str(k), f"{dice:.3f}")
    project = record["run"]["project"]
    return Group(table, f"Picture: {record['picture']}", f"Look at it with: hypseg gui {project}")
