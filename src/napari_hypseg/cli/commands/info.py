"""`hypseg info`: what is in a volume or a project, and what is odd about it."""

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.facts import project_facts, volume_facts
from napari_hypseg.cli.display.formatting import counted, duration
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.cli.parsing.specimens import add_voxel_size, voxel_sizes
from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.io.opening import open_channels
from napari_hypseg.io.overwrite_protection import is_project_folder
from napari_hypseg.project.project import SUFFIX, Project
from napari_hypseg.project.records import FILTERS
from napari_hypseg.project.verification import verify
from napari_hypseg.volumes.binning import bin_text
from napari_hypseg.volumes.units import PIXEL, SYMBOLS

DESCRIPTION = """\
Say what is in a volume (grid, voxel size, grey values, and what is odd about its header) or in a project (what was
learned and segmented, which levels were kept, and what is damaged)."""
EPILOG = """\
examples:
  hypseg info tomogram.mrc
  hypseg info cell.hypseg
  hypseg info cell.hypseg --verify          (exit code 5 if anything is damaged)
  hypseg info tomogram.mrc --json"""

MOST_DIGITS = 17
"""Digits of double precision."""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("file", metavar="FILE", help="a volume, several joined by +, or a project NAME.hypseg")
    add_voxel_size(parser, several=False)
    parser.add_argument(
        "--verify", action="store_true", help="read everything a project keeps and compare it with its checksums"
    )
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Look and tell.

    Raises
    ------
    HypsegError
        If there is nothing that can be read.
    """
    path = Path(arguments.file)
    if path.suffix == SUFFIX or is_project_folder(path):
        if arguments.voxel_size:
            raise SettingError("--voxel-size is for a volume; that of a project is set by hypseg run --resume.")
        return _project(Project.open(path), arguments.verify, display)
    if arguments.verify:
        raise SettingError(f"--verify reads a project, and {path} is none: a volume has no checksums.")
    (size,) = voxel_sizes(arguments.voxel_size, 1)
    volume = open_channels(arguments.file)
    facts = volume_facts(volume if size is None else volume.with_voxel_size(*size))
    return Outcome(facts, _volume_text(facts))


def _project(project: Project, verified: bool, display: Display) -> Outcome:
    """What is in a project; if it is to be verified, damage ends the command with the exit code of a damaged one."""
    facts = project_facts(project)
    if not verified:
        return Outcome(facts, _project_text(facts))
    facts |= {"damage": drive_interruptible(verify(project), display.show), "verified": True}
    return Outcome(facts, _project_text(facts), ProjectError.exit_code if facts["damage"] else 0)


def _volume_text(facts: Mapping[str, Any]) -> str:
    unit = "pixels" if facts["unit"] == PIXEL else SYMBOLS.get(facts["unit"], facts["unit"])
    lines = [
        str(facts["name"]),
        f"  grid        {_times(facts['shape'])} voxels (z × y × x)",
        f"  voxel size  {_times(facts['voxel_size'])} {unit}",
        f"  origin      {', '.join(f'{value:g}' for value in facts['origin'])} {unit} (z, y, x)",
    ]
    lines += [_channel_line(number, channel) for number, channel in enumerate(facts["channels"])]
    return "\n".join([*lines, *_notes(facts["notes"])])


def _channel_line(number: int, channel: Mapping[str, Any]) -> str:
    start = f"  channel {number}   {channel['dtype']}"
    if channel["minimum"] is None:
        return f"{start}, no finite value"
    source = "" if channel["whole"] else " in a sample"
    digits = _telling_digits(channel["minimum"], channel["maximum"])
    least, greatest, mean = (f"{channel[key]:.{digits}g}" for key in ("minimum", "maximum", "mean"))
    return f"{start}, {least} to {greatest}, mean {mean}{source}"


def _telling_digits(low: float, high: float) -> int:
    """Digits with which values from `low` to `high` differ in what is printed, 4 if possible."""
    largest = max(abs(low), abs(high))
    share = high / largest - low / largest if low < high else 1.0
    return min(MOST_DIGITS, 4 + max(0, math.floor(-math.log10(share))))


def _project_text(facts: Mapping[str, Any]) -> str:
    lines = [str(facts["path"])]
    lines += [_specimen_line(number, specimen) for number, specimen in enumerate(facts["specimens"])]
    lines += [f"  method      {facts['settings']['method']}", f"  learned     {_learned(facts['training'])}"]
    if facts["leaves"]:
        filters = " from filters, not learned yet" if facts["segmentation"].get("method") == FILTERS else ""
        lines.append(
            f"  segmented   {facts['leaves']} leaves{filters}, the slider stands at {facts['regions']} regions"
        )
        lines.append(f"  trees       {', '.join(facts['trees'])}")
    else:
        lines.append("  segmented   not yet")
    lines += [f"  level       {one['name']} ({one['regions']} regions of {one['tree']})" for one in facts["levels"]]
    lines += [_structure_line(structure) for structure in facts["structures"]]
    if facts.get("verified") and not facts["damage"]:
        lines.append("  verified    everything is as it was written")
    return "\n".join([*lines, *_notes(facts["damage"]), *_notes(facts["notes"])])


def _specimen_line(number: int, specimen: Mapping[str, Any]) -> str:
    line = f"  specimen {number}  {specimen['name']}, {_times(specimen['shape'])} voxels"
    if set(specimen["binning"]) == {1}:
        return line
    unit = SYMBOLS.get(specimen["unit"], specimen["unit"])
    files = ", ".join(path for path, _ in specimen["originals"])
    made = f" from {files}" if files else ""
    return f"{line} of {_times(specimen['voxel_size'])} {unit}, binned by {bin_text(specimen['binning'])}{made}"


def _structure_line(structure: Mapping[str, Any]) -> str:
    inside = f" inside {structure['inside']}" if structure["inside"] else ""
    locked = ", locked" if structure["locked"] else ""
    return f"  structure   {structure['name']}{inside}, {counted(structure['voxels'], 'voxel')}{locked}"


def _learned(training: Mapping[str, Any]) -> str:
    if not training:
        return "not yet"
    return (
        f"{counted(training['step'], 'step')} on {training.get('device')} in {duration(training.get('seconds', 0.0))}"
    )


def _notes(sentences: Sequence[str]) -> list[str]:
    return [f"  note        {sentence}" for sentence in sentences]


def _times(values: Sequence[float]) -> str:
    return " × ".join(f"{value:g}" for value in values)
